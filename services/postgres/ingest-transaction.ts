import { LRUCache } from "lru-cache";
import type pg from "pg";
import { Content } from "./content.ts";
import type { Database } from "./database.ts";
import { withTenant } from "./pool.ts";

/** What ingest takes keyed hashes of. */
type IngestDomain = "statement" | "entity" | "entity_id" | "entity_key" | "slot" | "model_answer";

/** A transaction of ingest, over all projects of a tenant. */
export interface IngestTransaction {
  readonly client: pg.PoolClient;
  readonly tenantId: string;
  readonly content: Content;
  /** Keyed hash under the tenant's key. */
  readonly mac: (domain: IngestDomain, value: string) => Promise<Buffer>;
}

/** Runs work in a transaction of a tenant. */
export type RunIngest = <T>(
  tenantId: string,
  work: (transaction: IngestTransaction) => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/** Opens transactions of background work, which reach all of a tenant. */
export function ingestTransactions(database: Database): RunIngest {
  const macKeys = new LRUCache<string, string>({ max: 10_000 });

  async function macKeyOf(client: pg.PoolClient, tenantId: string): Promise<string> {
    const known = macKeys.get(tenantId);
    if (known) return known;
    const { rows } = await client.query<{ mac_key_id: string }>(
      "select mac_key_id from tenants where id = $1",
      [tenantId],
    );
    const keyId = rows[0]?.mac_key_id;
    if (!keyId) throw new Error("an ingest target names a tenant that does not exist");
    macKeys.set(tenantId, keyId);
    return keyId;
  }

  return async (tenantId, work, signal) => {
    await database.keys.admit(tenantId);
    return withTenant(
      database.pool,
      tenantId,
      async (client) => {
        const macKeyId = await macKeyOf(client, tenantId);
        return work({
          client,
          tenantId,
          content: new Content(database.cipher, tenantId),
          mac: (domain, value) => database.cipher.mac(tenantId, macKeyId, domain, value),
        });
      },
      signal,
    );
  };
}
