import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import { createSigningKeys, type SigningKeys } from "@mneme/core/signing/signing-keys.ts";
import { admitBootstrap } from "@mneme/core/tenancy/bootstrap-key.ts";
import { type KeyUses, noteKeyUses } from "@mneme/core/tenancy/key-uses.ts";
import { type TrustOptions, trustApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import { createApiKeys } from "@mneme/postgres/api-keys.ts";
import { createAuditInbox } from "@mneme/postgres/audit-inbox.ts";
import { createPlacements } from "@mneme/postgres/placements.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { type Provisioned, provisionOperator } from "@mneme/postgres/provision.ts";
import { createSigningKeyStore } from "@mneme/postgres/signing-key-store.ts";
import { createApiKeyStore } from "@mneme/postgres/tenancy/api-key-store.ts";
import { createOperators } from "@mneme/postgres/tenancy/bootstrap.ts";
import { createGrantStore } from "@mneme/postgres/tenancy/grant-store.ts";
import { createKeyUseStore } from "@mneme/postgres/tenancy/key-use-store.ts";
import { createOperatorStore } from "@mneme/postgres/tenancy/operator-store.ts";
import { createProjectStore } from "@mneme/postgres/tenancy/project-store.ts";
import { createTeamStore } from "@mneme/postgres/tenancy/team-store.ts";
import { createTenantStore } from "@mneme/postgres/tenancy/tenant-store.ts";
import { createTenantUsage } from "@mneme/postgres/tenancy/tenant-usage.ts";
import { createUsageReports } from "@mneme/postgres/tenancy/usage-reports.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { watchReadiness } from "../readiness.ts";
import { apiKeyService } from "../routes/access/register.ts";
import type { RouteDeps } from "../routes/deps.ts";
import { operatorService } from "../routes/operator/register.ts";
import { tenancyService } from "../routes/tenancy/register.ts";
import { startServer } from "../server.ts";
import { createTestLog, LIMITS } from "./server.ts";

/** A server of the administrative services over a real record; gone once disposed. */
export interface AdministrationServer extends AsyncDisposable {
  readonly url: string;
  readonly keyUses: KeyUses;
  /** Calls with this credential, for this project where one is named. */
  as<S extends DescService>(service: S, secret: string, projectId?: string): Client<S>;
}

export interface AdministrationOptions {
  readonly bootstrapKey?: string;
  readonly trust?: TrustOptions;
  readonly signingKeys?: Pick<SigningKeys, "rotate" | "current">;
}

/** Models that settings may name. */
export const ALLOWED_MODELS = {
  extractor: ["large", "small"],
  reconcile: ["strong"],
  consolidate: ["wordy"],
  embedders: ["e5"],
  hasModel: true,
  standard: "embedded",
} as const;

const DEFAULT_POOL = "shared";

/** Keys that nobody signs with. */
const NO_SIGNING_KEYS: Pick<SigningKeys, "rotate" | "current"> = {
  rotate: () => Promise.reject(new Error("this test rotates no key")),
  current: () => Promise.reject(new Error("this test signs nothing")),
};

/** Starts a replica of its own: two of one record know of each other what the record tells. */
export async function startAdministration(
  { database }: Pick<TestRecord, "database">,
  { bootstrapKey, trust, signingKeys = NO_SIGNING_KEYS }: AdministrationOptions = {},
): Promise<AdministrationServer> {
  const deps: Pick<
    RouteDeps,
    | "tenants"
    | "projects"
    | "usage"
    | "tenantUsage"
    | "allowedModels"
    | "teams"
    | "grants"
    | "apiKeys"
    | "operator"
    | "placements"
    | "signingKeys"
  > = {
    tenants: createTenantStore(database),
    projects: createProjectStore(database),
    usage: createUsageReports(database),
    tenantUsage: createTenantUsage(database),
    allowedModels: ALLOWED_MODELS,
    teams: createTeamStore(database),
    grants: createGrantStore(database),
    apiKeys: createApiKeyStore(database),
    operator: createOperatorStore(database, DEFAULT_POOL),
    placements: createPlacements(database.pool, { defaultPool: DEFAULT_POOL }),
    signingKeys,
  };
  await using resources = new AsyncDisposableStack();
  const keyUses = resources.use(noteKeyUses(createKeyUseStore(database.pool)));
  const keys = resources.use(trustApiKeys(createApiKeys(database.pool), trust));
  const server = await startServer({
    config: {
      host: "127.0.0.1",
      port: 0,
      tls: undefined,
      metricsHost: "127.0.0.1",
      metricsPort: 0,
      corsOrigins: [],
      reflection: true,
      limits: LIMITS,
      drainMs: 5_000,
    },
    authenticator: admitBootstrap(keyUses.noting(keys), createOperators(database), bootstrapKey),
    auditor: createAuditInbox(database.pool),
    keySet: async () => ({ keys: [] }),
    services: [tenancyService(deps), apiKeyService(deps), operatorService(deps)],
    readiness: await watchReadiness({ probes: [] }),
    log: createTestLog().log,
  });
  resources.defer(() => server.stop());
  const kept = resources.move();
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    keyUses,
    as: (service, secret, projectId) => {
      const interceptors = [withCredentials(secret, projectId)];
      return createClient(
        service,
        createConnectTransport({ baseUrl: url, httpVersion: "1.1", interceptors }),
      );
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A replica that has the deployment's signing keys. */
export async function startSigning(record: TestRecord): Promise<AdministrationServer> {
  await using resources = new AsyncDisposableStack();
  const pool = createPool({ url: record.urls.keys, schema: "public", applicationName: "mneme test", max: 2 });
  resources.defer(() => pool.end());
  const providers = await createLocalKeyProviders({ file: record.masterKeyFile });
  const signingKeys = createSigningKeys(createSigningKeyStore(pool), providers);
  const server = resources.use(await startAdministration(record, { signingKeys }));
  const kept = resources.move();
  return { ...server, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** A record of its own, and one replica over it. */
export interface Administration extends AdministrationServer {
  readonly record: TestRecord;
}

export type { Provisioned };

/** @param name begins the names of the databases. */
export async function openAdministration(name: string): Promise<Administration> {
  await using resources = new AsyncDisposableStack();
  const record = resources.use(await openTestRecord(name));
  const server = resources.use(await startAdministration(record));
  const kept = resources.move();
  return { ...server, record, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** A key of the operator of this record. */
export function operatorKeyOf({ admin, keys }: TestRecord): Promise<string> {
  return provisionOperator({ pool: admin, keys });
}

function withCredentials(secret: string, projectId: string | undefined): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${secret}`);
    if (projectId !== undefined) request.header.set("mneme-project", projectId);
    return next(request);
  };
}
