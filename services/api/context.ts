import { hkdfSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { notePresence } from "@mneme/core/ageing/presence.ts";
import type { Auditor } from "@mneme/core/audit/auditor.ts";
import { createHeadSigner } from "@mneme/core/audit/sign-head.ts";
import { createBudgetGuard } from "@mneme/core/cost/budget-guard.ts";
import { countingBy } from "@mneme/core/cost/call-counters.ts";
import { countSpending } from "@mneme/core/cost/count-spending.ts";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { embeddingViews } from "@mneme/core/embedding/views.ts";
import { checkProviders } from "@mneme/core/encryption/check-providers.ts";
import { createCipher } from "@mneme/core/encryption/cipher.ts";
import { createFreshnessTokens } from "@mneme/core/freshness/tokens.ts";
import { createMessageQuota } from "@mneme/core/limits/message-quota.ts";
import { createRateLimiter } from "@mneme/core/limits/rate-limiter.ts";
import { createStreamLimiter } from "@mneme/core/limits/stream-limiter.ts";
import { createUsageGuard } from "@mneme/core/limits/usage.ts";
import { createKnownParticipants } from "@mneme/core/search/known-participants.ts";
import type { Reranking } from "@mneme/core/search/rerank.ts";
import { countUses } from "@mneme/core/search/uses.ts";
import { createSigningKeys } from "@mneme/core/signing/signing-keys.ts";
import type { Authenticator } from "@mneme/core/tenancy/authenticator.ts";
import { admitBootstrap } from "@mneme/core/tenancy/bootstrap-key.ts";
import { noteKeyUses } from "@mneme/core/tenancy/key-uses.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { trustApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import { takeKeysAndTokens, trustUserTokens } from "@mneme/core/tenancy/user-token-authenticator.ts";
import { createUserTokens } from "@mneme/core/tenancy/user-tokens.ts";
import { openKeyProviders } from "@mneme/keys/providers.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { createOpenAiEmbedder } from "@mneme/models/openai/embedder.ts";
import { createCohereReranker } from "@mneme/models/rerank/cohere.ts";
import { createTeiReranker } from "@mneme/models/rerank/tei.ts";
import { createIndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations } from "@mneme/opensearch/generation.ts";
import { createMemoryIndex } from "@mneme/opensearch/index.ts";
import { createApiKeys } from "@mneme/postgres/api-keys.ts";
import { createAuditAnchors } from "@mneme/postgres/audit-anchors.ts";
import { createAuditInbox } from "@mneme/postgres/audit-inbox.ts";
import { createAuditStore } from "@mneme/postgres/audit-store.ts";
import { createBudgetStore } from "@mneme/postgres/budget-store.ts";
import {
  createConsolidationStore,
  createEpisodeStore,
} from "@mneme/postgres/consolidation/consolidation-store.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import { createExtractionSignals } from "@mneme/postgres/extraction-signals.ts";
import { createExtractionStore } from "@mneme/postgres/extraction-store.ts";
import { createFeedbackStore } from "@mneme/postgres/feedback/feedback-store.ts";
import { createFreshnessStore } from "@mneme/postgres/freshness-store.ts";
import { createGraphStore } from "@mneme/postgres/graph/graph-store.ts";
import { createPathFinder } from "@mneme/postgres/graph/path-finder.ts";
import { createKeyEvents } from "@mneme/postgres/key-events.ts";
import { createKeyStore } from "@mneme/postgres/key-store.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import { createUseStore } from "@mneme/postgres/memory-uses.ts";
import { createMessageCounters } from "@mneme/postgres/message-counters.ts";
import { createPeople } from "@mneme/postgres/people.ts";
import { createPlacements } from "@mneme/postgres/placements.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { createPresenceStore } from "@mneme/postgres/presence-store.ts";
import { createProfileStore } from "@mneme/postgres/profile-store.ts";
import { createRateStore } from "@mneme/postgres/rate-store.ts";
import { createReplayStore } from "@mneme/postgres/replay/replay-store.ts";
import { createReviewReports } from "@mneme/postgres/review-reports.ts";
import { createSearchStore } from "@mneme/postgres/search-store.ts";
import { createSessionStore } from "@mneme/postgres/session-store.ts";
import { createSigningKeyStore } from "@mneme/postgres/signing-key-store.ts";
import { createSpendingStore } from "@mneme/postgres/spending-store.ts";
import { createStreamStore } from "@mneme/postgres/stream-store.ts";
import { createApiKeyStore } from "@mneme/postgres/tenancy/api-key-store.ts";
import { createOperators } from "@mneme/postgres/tenancy/bootstrap.ts";
import { createGrantStore } from "@mneme/postgres/tenancy/grant-store.ts";
import { createKeyUseStore } from "@mneme/postgres/tenancy/key-use-store.ts";
import { createOperatorStore } from "@mneme/postgres/tenancy/operator-store.ts";
import { createProjectStore } from "@mneme/postgres/tenancy/project-store.ts";
import { createSettingsSource } from "@mneme/postgres/tenancy/settings-source.ts";
import { createTeamStore } from "@mneme/postgres/tenancy/team-store.ts";
import { createTenantStore } from "@mneme/postgres/tenancy/tenant-store.ts";
import { createTenantUsage } from "@mneme/postgres/tenancy/tenant-usage.ts";
import { createUsageReports } from "@mneme/postgres/tenancy/usage-reports.ts";
import { createTurnStore } from "@mneme/postgres/turn-store.ts";
import { createUsageStore } from "@mneme/postgres/usage-store.ts";
import { createUserTokenGrounds } from "@mneme/postgres/user-token-grounds.ts";
import { readBootstrapKey } from "./bootstrap-key-file.ts";
import type { ApiConfig } from "./config.ts";
import type { CallLimits } from "./frame.ts";
import type { ReadKeySet } from "./http/key-set.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Probe } from "./readiness.ts";
import type { RerankerConfig } from "./reranker-config.ts";
import type { RouteDeps } from "./routes/deps.ts";

/** Everything the API's parts stand on. */
export interface ApiContext extends AsyncDisposable {
  readonly deps: RouteDeps;
  readonly authenticator: Authenticator;
  readonly auditor: Auditor;
  readonly callLimits: CallLimits;
  /** What tokens are verified by. */
  readonly keySet: ReadKeySet;
  readonly probes: readonly Probe[];
}

const NAME = "mneme api";

/**
 * Builds the dependencies. No engine need be up: what is missing shows in the probes.
 *
 * @throws Error when the master key or the embedded model cannot be read.
 */
export async function createContext(
  config: ApiConfig,
  log: Logger,
  metrics: Pick<Metrics, "models">,
): Promise<ApiContext> {
  await using resources = new AsyncDisposableStack();
  const openPool = (url: string, max: number, schema: string) => {
    const onError = () => log.warn({ schema }, "a database connection broke");
    const pool = createPool({ url, tls: config.databaseTls, max, schema, applicationName: NAME, onError });
    resources.defer(() => pool.end());
    return pool;
  };
  const pool = openPool(config.databaseUrl, 24, "mneme");
  const keyPool = openPool(config.keysDatabaseUrl, 4, "public");
  const providers = resources.use(await openKeyProviders(config.keyProviders));
  const keys = createKeyStore(keyPool, providers);
  await checkProviders(keys.custody.store, providers);
  const database = { pool, keys, cipher: createCipher(keys) };
  const embedder = await openEmbedder(config, resources);
  const { opensearchUrl: node, opensearchAuth: auth, opensearchTls: tls } = config;
  const client = resources.use(createIndexClient({ node, auth, tls }));
  const generations = createGenerations({ client, pool: config.indexPool });
  const placements = createPlacements(pool, { defaultPool: config.indexPool });
  const index = createMemoryIndex({
    client,
    generations,
    placements,
    model: embedder.model,
    onUnreadable: (message) => log.warn(message),
  });
  const signals = resources.use(
    createExtractionSignals({
      url: config.databaseUrl,
      tls: config.databaseTls,
      applicationName: `${NAME} listener`,
      onError: () => log.warn("the extractions' notices stopped; polling until they return"),
    }),
  );
  const uses = resources.use(
    countUses(createUseStore(pool), {
      onFailure: (error) => log.warn({ err: error }, "uses of memories could not be kept; trying again"),
    }),
  );
  const presence = resources.use(
    notePresence(createPresenceStore(pool), {
      onFailure: (error) => log.warn({ err: error }, "who is searched for could not be noted; trying again"),
    }),
  );
  const defaults = config.limits.perTenant;
  const onStreamFailure = (error: unknown) => log.warn({ err: error }, "open streams could not be counted");
  const streams = createStreamLimiter(createStreamStore(pool), { defaults, onFailure: onStreamFailure });
  const callLimits = {
    rates: resources.use(createRateLimiter(createRateStore(pool), { defaults })),
    streams: resources.use(streams),
  };
  const signingKeys = createSigningKeys(createSigningKeyStore(keyPool), providers);
  const settings = rememberSettings(createSettingsSource(pool));
  const userTokens = createUserTokens(signingKeys, config.tokenIssuer);
  const spending = resources.use(
    countSpending(createSpendingStore(pool), {
      prices: config.prices,
      onCall: countingBy(metrics.models),
      onFailure: (error) => log.warn({ err: error }, "what models used could not be kept; trying again"),
    }),
  );
  const deps: RouteDeps = {
    conversations: createConversationStore(database),
    reviews: createReviewReports(database),
    addLimits: {
      messages: resources.use(createMessageQuota(createMessageCounters(pool), { defaults })),
      usage: createUsageGuard(createUsageStore(pool), { defaults }),
      budgets: createBudgetGuard(createBudgetStore(pool), settings),
      embedsByServer: config.embedder.type !== "embedded",
      extractors: config.extractors,
      settings,
    },
    memories: createMemoryStore(database),
    extractions: createExtractionStore(database),
    signals,
    sessions: createSessionStore(database),
    search: createSearchStore(database, {
      onDamaged: (memoryId) => log.error({ memoryId }, "a memory is damaged: searches leave it out"),
    }),
    turns: createTurnStore(database),
    profiles: createProfileStore(database, {
      onDamaged: (memoryId) => log.error({ memoryId }, "a memory is damaged: profiles leave it out"),
    }),
    graph: createGraphStore(database),
    paths: createPathFinder(database),
    settings,
    allowedModels: {
      ...config.allowedModels,
      embedders: config.namedEmbedders.map(({ name }) => name),
      ...config.extractors,
    },
    participants: createKnownParticipants(),
    tenantKeys: { ...keys.custody, events: createKeyEvents(keyPool, pool) },
    uses,
    presence,
    freshness: createFreshnessStore(database),
    tokens: createFreshnessTokens(await tokenSecret(config.keyProviders.masterKeyFile)),
    index,
    embedder,
    viewFor: embeddingViews(index, embedder, namedOf(config)),
    feedback: createFeedbackStore(database),
    replays: createReplayStore(database),
    consolidations: createConsolidationStore(database),
    episodes: createEpisodeStore(database),
    settingsNow: rememberSettings(createSettingsSource(pool), { mostMs: 0 }),
    spending,
    reranking: config.reranker && { ...rerankingOf(config.reranker), spending },
    people: createPeople(database),
    userTokens,
    tenants: createTenantStore(database),
    projects: createProjectStore(database),
    usage: createUsageReports(database),
    tenantUsage: createTenantUsage(database),
    teams: createTeamStore(database),
    grants: createGrantStore(database),
    apiKeys: createApiKeyStore(database),
    operator: createOperatorStore(database, config.indexPool),
    placements,
    signingKeys,
    audit: createAuditStore(database),
    auditAnchors: createAuditAnchors(keyPool),
    auditHeads: createHeadSigner(signingKeys),
  };
  const keyUses = resources.use(
    noteKeyUses(createKeyUseStore(pool), {
      onFailure: (error) => log.warn({ err: error }, "uses of keys could not be kept; trying again"),
    }),
  );
  const keysAndTokens = takeKeysAndTokens(
    resources.use(trustApiKeys(createApiKeys(pool))),
    trustUserTokens(userTokens, createUserTokenGrounds(database)),
  );
  const bootstrapKey = await readBootstrapKey(config.bootstrapKeyFile);
  const authenticator = admitBootstrap(
    keyUses.noting(keysAndTokens),
    createOperators(database),
    bootstrapKey,
  );
  // Connections of its own: no answer waits for one behind the searches of others.
  const auditor = createAuditInbox(openPool(config.databaseUrl, 2, "mneme"));
  const kept = resources.move();
  return {
    deps,
    authenticator,
    auditor,
    callLimits,
    keySet: () => signingKeys.published(),
    probes: [
      { name: "postgres", required: true, check: () => pool.query("select") },
      { name: "keys", required: true, check: () => keyPool.query("select") },
      { name: "opensearch", required: false, check: (signal) => index.health(signal) },
    ],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Those that projects may name. */
function namedOf({ namedEmbedders, queryCacheSize: cacheSize }: ApiConfig): Map<string, Embedder> {
  return new Map(
    namedEmbedders.map(({ name, url: baseUrl, apiKey, model, dimension }) => [
      name,
      createOpenAiEmbedder({ baseUrl, model, dimension, cacheSize, ...(apiKey && { apiKey }) }),
    ]),
  );
}

async function openEmbedder(
  { embedder, queryCacheSize }: ApiConfig,
  resources: AsyncDisposableStack,
): Promise<Embedder> {
  const cacheSize = queryCacheSize;
  if (embedder.type === "embedded") {
    return resources.use(await createMiniLmEmbedder({ modelDir: embedder.modelDir, cacheSize }));
  }
  const { url: baseUrl, apiKey, model, dimension } = embedder;
  return createOpenAiEmbedder({ baseUrl, model, dimension, cacheSize, ...(apiKey && { apiKey }) });
}

function rerankingOf(config: RerankerConfig): Reranking {
  const { kind, url: baseUrl, model, apiKey, timeoutMs, candidates, batch: maxTexts } = config;
  const create = kind === "cohere" ? createCohereReranker : createTeiReranker;
  const reranker = create({
    baseUrl,
    model,
    timeoutMs,
    ...(apiKey && { apiKey }),
    ...(maxTexts && { maxTexts }),
  });
  return { reranker, timeoutMs, candidates };
}

/** Every process that has the master key makes and reads the same tokens. */
async function tokenSecret(masterKeyFile: string): Promise<Uint8Array> {
  const master = Buffer.from((await readFile(masterKeyFile, "utf8")).trim(), "hex");
  return new Uint8Array(hkdfSync("sha256", master, "", "mneme freshness tokens", 32));
}
