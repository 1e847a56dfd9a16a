import { randomUUID } from "node:crypto";
import { createCipher } from "@mneme/core/encryption/cipher.ts";
import { bringKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import { rewrapDataKeys } from "@mneme/core/encryption/rewrap-keys.ts";
import { openKeyProviders } from "@mneme/keys/providers.ts";
import { startTransitServer, type TransitServer } from "@mneme/keys/testing/transit-server.ts";
import type { Database } from "@mneme/postgres/database.ts";
import { createKeyStore, type PostgresKeyStore } from "@mneme/postgres/key-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import type { TestRecord } from "@mneme/postgres/testing/record.ts";

/** Tenants of a record whose keys lie in an engine of their own. */
export interface BroughtKeys extends AsyncDisposable {
  readonly server: TransitServer;
  /** Wraps a tenant's key by the engine. @returns the token that may use it. */
  bring(tenantId: string): Promise<string>;
  /** As a process has it that was just started: it holds no key yet. */
  openKeys(): PostgresKeyStore;
  /** The record by such keys. */
  openDatabase(): Database;
}

export async function openBroughtKeys(record: TestRecord): Promise<BroughtKeys> {
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await startTransitServer());
  const pool = createPool({ url: record.urls.keys, applicationName: "brought keys test", schema: "public" });
  opened.defer(() => pool.end());
  const { masterKeyFile } = record;
  const files = { masterKeyFile, previousMasterKeyFile: undefined };
  const providers = opened.use(
    await openKeyProviders({ ...files, standard: "local", transit: undefined, anyAddress: true }),
  );
  const openKeys = () => createKeyStore(pool, providers);
  const kept = opened.move();
  return {
    server,
    openKeys,
    async bring(tenantId) {
      const key = `of-${tenantId}`;
      server.ask("POST", `keys/${key}`);
      const token = server.issue(key);
      const { custody } = openKeys();
      const { url, mount } = server;
      const administrator = { tenantId, projectId: "", isOfTenant: true, apiKeyId: "" };
      const request = { rpc: "BringTenantKey", requestId: randomUUID(), body: Buffer.from(key) };
      await bringKey(
        custody,
        { ...administrator, permissions: new Set<string>() },
        { reference: { url, mount, key, namespace: "" }, token },
        request,
      );
      await rewrapDataKeys(custody, tenantId);
      return token;
    },
    openDatabase() {
      const keys = openKeys();
      return { ...record.database, keys, cipher: createCipher(keys) };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
