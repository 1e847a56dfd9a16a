import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import type { Role } from "@mneme/core/tenancy/roles.ts";
import { onDatabaseOf } from "@mneme/local/record.ts";
import { createKeyStore } from "@mneme/postgres/key-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { type Provisioned, provisionOperator, provisionTenant } from "@mneme/postgres/provision.ts";
import pg from "pg";
import type { TestStack } from "./test-stack.ts";

/** What suites need to reach the one stack that the runner has started. */
export interface SharedStack {
  readonly url: string;
  readonly apiMetricsUrl: string;
  readonly workerMetricsUrl: string;
  readonly tenant: Provisioned;
  /** A superuser's URL of the record's database. */
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly relayUrl: string;
  readonly keysUrl: string;
  readonly masterKeyFile: string;
  readonly logFolder: string;
}

const VARIABLE = "MNEME_TEST_STACK";

/** What of a stack suites are told. */
export function sharingOf(stack: TestStack, adminUrl: string, logFolder: string): SharedStack {
  return {
    url: stack.processes.api.url,
    apiMetricsUrl: stack.processes.api.metricsUrl,
    workerMetricsUrl: stack.processes.worker.metricsUrl,
    tenant: stack.tenant,
    adminUrl: onDatabaseOf(adminUrl, stack.record.urls.app),
    appUrl: stack.record.urls.app,
    relayUrl: stack.record.urls.relay,
    keysUrl: stack.record.urls.keys,
    masterKeyFile: stack.record.masterKeyFile,
    logFolder,
  };
}

/** The setting by which the runner tells suites of the stack. */
export function shareStack(shared: SharedStack): Record<string, string> {
  return { [VARIABLE]: JSON.stringify(shared) };
}

/** @throws Error outside the runner. */
export function sharedStack(): SharedStack {
  const text = process.env[VARIABLE];
  if (!text)
    throw new Error("This suite runs against the stack that `npm test` starts: run `npm test -- FILE`.");
  return JSON.parse(text) as SharedStack;
}

/** Makes another tenant with a key of its own. */
export function provisionSharedTenant(name: string, roles?: readonly Role[]): Promise<Provisioned> {
  return withRecords((records) => provisionTenant({ ...records, name, ...(roles && { roles }) }));
}

/** Makes many tenants, as many at once as there are connections. */
export function provisionSharedTenants(name: string, count: number): Promise<readonly Provisioned[]> {
  return withRecords((records) => {
    const names = Array.from({ length: count }, (_, i) => `${name} ${i}`);
    return Promise.all(names.map((each) => provisionTenant({ ...records, name: each })));
  });
}

/** Makes another key of the operator. @returns its secret. */
export function provisionSharedOperator(): Promise<string> {
  return withRecords(provisionOperator);
}

async function withRecords<T>(work: (records: { pool: pg.Pool; keys: KeyStore }) => Promise<T>): Promise<T> {
  const { adminUrl, keysUrl, masterKeyFile } = sharedStack();
  const pool = new pg.Pool({ connectionString: adminUrl, max: 4 });
  const keyPool = createPool({ url: keysUrl, schema: "public", applicationName: "mneme test", max: 4 });
  try {
    const keys = createKeyStore(keyPool, await createLocalKeyProviders({ file: masterKeyFile }));
    return await work({ pool, keys });
  } finally {
    await Promise.all([pool.end(), keyPool.end()]);
  }
}
