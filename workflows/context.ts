import { setImmediate } from "node:timers/promises";
import type { ArchivingDeps } from "@mneme/core/ageing/archive-page.ts";
import type { ReviewDeps } from "@mneme/core/ageing/review-stale.ts";
import type { Auditor } from "@mneme/core/audit/auditor.ts";
import { createHeadSigner } from "@mneme/core/audit/sign-head.ts";
import type { CanaryReport } from "@mneme/core/canary/watch-crossings.ts";
import type { ConsolidateDeps } from "@mneme/core/consolidation/consolidate.ts";
import type { ModelSpending } from "@mneme/core/cost/model-spending.ts";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { embeddingViews } from "@mneme/core/embedding/views.ts";
import { checkProviders } from "@mneme/core/encryption/check-providers.ts";
import { createCipher } from "@mneme/core/encryption/cipher.ts";
import type { KeyEvents } from "@mneme/core/encryption/key-events.ts";
import type { RewrapDeps } from "@mneme/core/encryption/rewrap-keys.ts";
import type { BulkDeps } from "@mneme/core/extraction/bulk/bulk-deps.ts";
import type { BulkServer } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import { chooseExtractor, type Extractors } from "@mneme/core/extraction/choose-extractor.ts";
import type { Extractor } from "@mneme/core/extraction/extractor.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { countAnswers, type ModelAnswers } from "@mneme/core/extraction/model-answers.ts";
import { rulesFor } from "@mneme/core/extraction/rules-for.ts";
import type { ReplayDeps } from "@mneme/core/replay/replay-stream.ts";
import type { IndexGenerations } from "@mneme/core/search/memory-index.ts";
import { createSigningKeys, type SigningKeys } from "@mneme/core/signing/signing-keys.ts";
import { canariesOf } from "@mneme/core/tenancy/canary-tenants.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import { rememberSettings } from "@mneme/core/tenancy/settings-of.ts";
import { openKeyProviders } from "@mneme/keys/providers.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { createOpenAiBatches } from "@mneme/models/openai/batches.ts";
import { createOpenAiEmbedder } from "@mneme/models/openai/embedder.ts";
import { createOpenAiExtractors } from "@mneme/models/openai/extractors.ts";
import { createOpenAiReconcilers } from "@mneme/models/openai/reconciler.ts";
import { createOpenAiSummarisers } from "@mneme/models/openai/summariser.ts";
import { createIndexClient, type IndexClient } from "@mneme/opensearch/client.ts";
import { schemaFault } from "@mneme/opensearch/fitness.ts";
import { createGenerations } from "@mneme/opensearch/generation.ts";
import { createMemoryIndex, type OpenSearchMemoryIndex } from "@mneme/opensearch/index.ts";
import { putTemplate } from "@mneme/opensearch/template.ts";
import { createTenantMoves } from "@mneme/opensearch/tenant-moves.ts";
import { type AgeingSchedules, createAgeingSchedules } from "@mneme/postgres/ageing-schedules.ts";
import { createAgeingStore } from "@mneme/postgres/ageing-store.ts";
import { createAuditAnchors } from "@mneme/postgres/audit-anchors.ts";
import { type AuditChain, createAuditChain } from "@mneme/postgres/audit-chain.ts";
import { createAuditInbox } from "@mneme/postgres/audit-inbox.ts";
import { type BudgetWaits, createBudgetWaits } from "@mneme/postgres/budget-waits.ts";
import { createBulkStore } from "@mneme/postgres/bulk-store.ts";
import { createEpisodeStore } from "@mneme/postgres/consolidation/consolidation-store.ts";
import type { Database } from "@mneme/postgres/database.ts";
import { createFreshnessStore } from "@mneme/postgres/freshness-store.ts";
import { createInactivityStore } from "@mneme/postgres/inactivity-store.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { createKeyEvents } from "@mneme/postgres/key-events.ts";
import { createKeyStore } from "@mneme/postgres/key-store.ts";
import { createMaintenance, type Maintenance } from "@mneme/postgres/maintenance.ts";
import { createMemoryArchive } from "@mneme/postgres/memory-archive.ts";
import { createModelAnswers } from "@mneme/postgres/model-answers.ts";
import { createOutbox, type Outbox } from "@mneme/postgres/outbox.ts";
import { createPlacements } from "@mneme/postgres/placements.ts";
import { createPool, type PoolOptions } from "@mneme/postgres/pool.ts";
import { createReindexStore } from "@mneme/postgres/reindex-store.ts";
import { createReplayWork } from "@mneme/postgres/replay/replay-work.ts";
import { createReviewStore } from "@mneme/postgres/review-store.ts";
import { createSigningKeyStore } from "@mneme/postgres/signing-key-store.ts";
import { createSettingsSource } from "@mneme/postgres/tenancy/settings-source.ts";
import type { Logger } from "pino";
import { createCanaryWatch } from "./canary/watch.ts";
import type { ModelServer, WorkerConfig } from "./config.ts";
import type { Guard } from "./guard.ts";
import { coalesce, type Pace } from "./ingest/coalesce.ts";
import type { WorkerMetrics } from "./metrics.ts";
import type { MoveActivityDeps } from "./move/activities.ts";
import type { ReindexActivityDeps } from "./reindex/activities.ts";
import { createSpending, type SpendingMetrics } from "./spending.ts";

/** Everything the worker's parts stand on. None of it needs an engine to be up. */
export interface WorkerContext extends AsyncDisposable {
  readonly database: Database;
  /** Tenants' keys. */
  readonly custody: RewrapDeps;
  /** What the deployment signs with. */
  readonly signing: SigningKeys;
  /** Events of changes of tenants' keys. */
  readonly keyEvents: KeyEvents;
  readonly ingest: IngestDeps;
  readonly index: OpenSearchMemoryIndex;
  readonly reindexing: Pick<ReindexActivityDeps, "reindex" | "generations" | "placements" | "wanted">;
  readonly replay: ReplayDeps;
  readonly outbox: Outbox;
  readonly auditChain: AuditChain;
  /** Takes events of the worker's own. */
  readonly auditor: Auditor;
  readonly maintenance: Maintenance;
  readonly ageing: {
    readonly archiving: ArchivingDeps;
    readonly reviewing: ReviewDeps;
    readonly consolidating: ConsolidateDeps;
    readonly schedules: AgeingSchedules;
  };
  readonly budgetWaits: BudgetWaits;
  /** What is read in batches. */
  readonly bulk: BulkDeps;
  /** Has the canary tenants look for each other's marker. */
  readonly watchCrossings: (signal: AbortSignal) => Promise<CanaryReport>;
  /** The index generations of every pool that tenants are in. */
  readonly pools: (signal: AbortSignal) => Promise<readonly IndexGenerations[]>;
  readonly moving: Omit<MoveActivityDeps, keyof Guard>;
  /**
   * Makes template and every pool's first generation where they are missing, and logs where an index is another
   * version's.
   *
   * @throws MnemeError while the index or the record is down.
   */
  setUpIndex(signal: AbortSignal): Promise<void>;
  /** Each rejects while its engine does not answer. */
  readonly checks: { readonly postgres: () => Promise<unknown>; readonly opensearch: () => Promise<unknown> };
}

/** A refresh costs the engine a segment, and all searches their caches: so much of its time, and no more. */
const REFRESH_PACE: Pace = { times: 5, leastMs: 50, mostMs: 500 };

/** @throws Error when the master key or the embedded model cannot be read. */
export async function createContext(
  config: WorkerConfig,
  log: Logger,
  metrics: SpendingMetrics & Pick<WorkerMetrics, "modelAnswers">,
): Promise<WorkerContext> {
  await using resources = new AsyncDisposableStack();
  const openPool = (url: string, name: string, options: Partial<PoolOptions>) => {
    const onError = () => log.warn({ pool: name }, "a database connection broke");
    const pool = createPool({
      url,
      tls: config.databaseTls,
      applicationName: `mneme worker ${name}`,
      onError,
      ...options,
    });
    resources.defer(() => pool.end());
    return pool;
  };
  const pool = openPool(config.databaseUrl, "record", { max: 12 });
  const keyPool = openPool(config.keysDatabaseUrl, "keys", { max: 4, schema: "public" });
  // It holds rows of the outbox while Temporal hears of them, however slow that is, and nobody waits for those.
  const relayPool = openPool(config.relayDatabaseUrl, "relay", { max: 3, idleInTransactionMs: 0 });
  const providers = resources.use(await openKeyProviders(config.keyProviders));
  const keys = createKeyStore(keyPool, providers);
  await checkProviders(keys.custody.store, providers);
  const database: Database = { pool, keys, cipher: createCipher(keys) };

  const embedder = resources.use(await createEmbedder(config.embedder));
  const named = namedOf(config);
  const { opensearchUrl: node, opensearchAuth: auth, opensearchTls: tls } = config;
  const client: IndexClient = resources.use(createIndexClient({ node, auth, tls }));
  const generations = createGenerations({ client, pool: config.indexPool });
  const placements = createPlacements(pool, { defaultPool: config.indexPool });
  const index = createMemoryIndex({
    client,
    generations,
    placements,
    model: embedder.model,
    onUnreadable: (message) => log.warn(message),
  });
  // Many buckets index at about the same time, and a refresh is for all of them.
  const refresh = coalesce(() => index.refresh(), REFRESH_PACE);
  const settings = rememberSettings(createSettingsSource(pool));
  const auditor = createAuditInbox(pool);
  const spending = resources.use(createSpending({ pool, settings, auditor, config, log, metrics }));
  const answers = answersOf(database, config, metrics);
  const others = [...named.values()].map(({ model, dimension }) => ({ model, dimension }));
  const wanted = { model: embedder.model, dimension: embedder.dimension, others };
  const viewFor = embeddingViews(index, embedder, named);
  const embedderFor = (name: string | undefined) => viewFor(name).embedder;
  const store = createReindexStore(database, config.indexPool);
  const reindex = { store, index, embedder, embedderFor, spending };
  const signing = createSigningKeys(createSigningKeyStore(keyPool), providers, {
    signsMs: config.signingKeyMs,
  });
  const batches = config.extractor.model && batchesOf(config.extractor.model, log);
  const ingest: IngestDeps = {
    store: createIngestStore(database),
    index: { ...index, refresh },
    viewFor: (name) => {
      const view = viewFor(name);
      return { ...view, index: { ...view.index, refresh } };
    },
    settings,
    ...extractorsOf(config.extractor, batches),
    embedder,
    spending,
    answers,
  };
  const kept = resources.move();
  return {
    database,
    custody: keys.custody,
    signing,
    keyEvents: createKeyEvents(keyPool, pool),
    ingest,
    bulk: { ingest, batches: createBulkStore(pool), server: batches },
    replay: {
      work: createReplayWork(database),
      ingest,
      prices: config.prices,
      freshness: createFreshnessStore(database),
    },
    index,
    reindexing: { reindex, generations, placements, wanted },
    moving: { reindex, generations, wanted, placements, moves: createTenantMoves({ client, generations }) },
    outbox: createOutbox(relayPool),
    auditChain: createAuditChain({
      pool,
      anchors: createAuditAnchors(keyPool),
      signer: createHeadSigner(signing),
    }),
    auditor,
    maintenance: createMaintenance(pool),
    ageing: {
      archiving: {
        store: createAgeingStore(pool),
        inactivity: createInactivityStore(pool),
        archive: createMemoryArchive(pool),
        settings,
        now: () => new Date(),
      },
      reviewing: {
        store: createAgeingStore(pool),
        reviews: createReviewStore(pool),
        settings,
        now: () => new Date(),
      },
      consolidating: {
        episodes: createEpisodeStore(database),
        settings,
        embedderFor,
        spending,
        models: summarisersOf(config.extractor, spending, answers),
      },
      schedules: createAgeingSchedules(pool),
    },
    budgetWaits: createBudgetWaits(pool),
    watchCrossings: createCanaryWatch(database, index, embedder, canariesOf(config.indexPool)),
    pools: async (signal) => (await placements.pools(signal)).map(generations.ofPool),
    async setUpIndex(signal) {
      await putTemplate(client, {}, signal);
      for (const name of await placements.pools(signal)) {
        const current = await generations.ofPool(name).ensure(wanted, signal);
        await generations.ofPool(name).offer(others, signal);
        const fault = schemaFault(current);
        // No failure: the process is what rebuilds it, and all but its writing goes on.
        if (fault !== undefined) log.error({ index: current.index }, fault);
      }
    },
    checks: {
      postgres: () => relayPool.query("select"),
      opensearch: async () => {
        const { status } = await index.health(AbortSignal.timeout(1_500));
        if (status === "red") throw new Error("the index is red");
      },
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function createEmbedder(config: WorkerConfig["embedder"]): Promise<Embedder & AsyncDisposable> {
  if (config.kind === "embedded") return createMiniLmEmbedder({ ...config, eager: true, cacheSize: 0 });
  const { model, dimension, timeoutMs } = config;
  const embedder = createOpenAiEmbedder({ ...serverOf(config), model, dimension, timeoutMs, cacheSize: 0 });
  return Object.assign(embedder, { [Symbol.asyncDispose]: async () => undefined });
}

/** Those that projects may name. */
function namedOf({ namedEmbedders, embedderTimeoutMs: timeoutMs }: WorkerConfig): Map<string, Embedder> {
  return new Map(
    namedEmbedders.map(({ name, url: baseUrl, apiKey, model, dimension }) => [
      name,
      createOpenAiEmbedder({ baseUrl, model, dimension, timeoutMs, cacheSize: 0, ...(apiKey && { apiKey }) }),
    ]),
  );
}

function extractorsOf(
  { standard, model: server }: WorkerConfig["extractor"],
  batches: BulkServer | undefined,
) {
  const extractors: Extractors = {
    standard,
    embedded: (language) => yielding(rulesFor(language)),
    model: server && createOpenAiExtractors({ ...askedOf(server), ...(batches && { batches }) }),
  };
  return {
    extractor: chooseExtractor(extractors, {}),
    extractorFor: (settings: Settings) => chooseExtractor(extractors, settings),
    ...(server && { reconcilerFor: createOpenAiReconcilers(decidedBy(server)) }),
    concurrency: server?.concurrency,
  };
}

/** What models answered before, where it is kept. */
function answersOf(
  database: Database,
  { modelAnswerDays: days }: WorkerConfig,
  { modelAnswers }: Pick<WorkerMetrics, "modelAnswers">,
) {
  if (days === 0) return undefined;
  return countAnswers(createModelAnswers(database, { days }), (purpose, isKnown) =>
    modelAnswers.inc({ purpose, answer: isKnown ? "known" : "asked" }),
  );
}

/** What words summaries of episodes, where the deployment has a model for it or projects may name one. */
function summarisersOf(
  { model: server }: WorkerConfig["extractor"],
  spending: ModelSpending,
  answers: ModelAnswers | undefined,
) {
  if (!server) return undefined;
  const { consolidateModel: model, consolidateModels: projectModels, timeoutMs } = server;
  const options = { ...serverOf(server), model, projectModels, timeoutMs };
  return { summariserFor: createOpenAiSummarisers(options), spending, answers };
}

function askedOf(server: NonNullable<WorkerConfig["extractor"]["model"]>) {
  const { model, projectModels, timeoutMs, concurrency, messagesPerCall: maxMessages } = server;
  return { ...serverOf(server), model, projectModels, timeoutMs, concurrency, maxMessages };
}

function batchesOf(server: NonNullable<WorkerConfig["extractor"]["model"]>, log: Logger): BulkServer {
  return createOpenAiBatches({
    ...serverOf(server),
    timeoutMs: server.timeoutMs,
    onMissing: () =>
      log.warn("the model's server takes no batches: what may wait is read by calls of its own"),
  });
}

function decidedBy(server: NonNullable<WorkerConfig["extractor"]["model"]>) {
  const { reconcileModel: model, reconcileModels: projectModels, timeoutMs, concurrency } = server;
  return { ...serverOf(server), model, projectModels, timeoutMs, concurrency };
}

/** Rules run on the event loop: between two streams, others (heartbeats above all) get their turn. */
function yielding(extractor: Extractor): Extractor {
  const { name, version } = extractor;
  const extract: Extractor["extract"] = async (input, signal) => {
    await setImmediate();
    return extractor.extract(input, signal);
  };
  return { name, version, extract };
}

function serverOf({ url, apiKey }: ModelServer) {
  return { baseUrl: url, ...(apiKey !== undefined && { apiKey }) };
}
