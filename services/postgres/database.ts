import type { Cipher } from "@mneme/core/encryption/cipher.ts";
import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { LRUCache } from "lru-cache";
import type pg from "pg";
import { Content } from "./content.ts";
import { inTransaction, type PlainDomain, type Transaction } from "./plain-transaction.ts";
import { withTenant } from "./pool.ts";

/** What every store stands on. */
export interface Database {
  readonly pool: pg.Pool;
  readonly cipher: Cipher;
  readonly keys: KeyStore;
}

export interface ProjectKeys {
  readonly macKeyId: string;
  /** Seals what belongs to no person. */
  readonly projectKeyId: string;
}

/** A transaction of one tenant, with the means to seal and open its content. */
export interface TenantTransaction extends Transaction {
  readonly content: Content;
  /** Keyed hash under the tenant's key. */
  mac(domain: MacDomain, value: string | Uint8Array): Promise<Buffer>;
  readonly projectKeyId: string;
}

/** What a keyed hash is of; the same value in two domains has two hashes. */
export type MacDomain =
  | PlainDomain
  | "user"
  | "agent"
  | "app"
  | "team"
  | "session"
  | "stream"
  | "statement"
  | "entity"
  | "entity_id"
  | "entity_key"
  | "slot";

const projectKeys = new WeakMap<pg.Pool, LRUCache<string, ProjectKeys>>();

/**
 * Whatever touches what is sealed begins here, and only while its tenant's key may be used. Key ids of a project
 * never change, so they are read once a process.
 *
 * @throws MnemeError TENANT_KEY_REVOKED, DEPENDENCY_UNAVAILABLE.
 */
export async function readProjectKeys(
  database: Database,
  tenantId: string,
  projectId: string,
): Promise<ProjectKeys> {
  await database.keys.admit(tenantId);
  let cache = projectKeys.get(database.pool);
  if (!cache) {
    cache = new LRUCache({ max: 10_000 });
    projectKeys.set(database.pool, cache);
  }
  const slot = `${tenantId}/${projectId}`;
  const known = cache.get(slot);
  if (known) return known;
  const row = await withTenant(database.pool, tenantId, async (client) => {
    const { rows } = await client.query<{ mac_key_id: string; key_id: string }>(
      `select t.mac_key_id, p.key_id from tenants t join projects p on p.tenant_id = t.id
       where t.id = $1 and p.id = $2`,
      [tenantId, projectId],
    );
    return rows[0];
  });
  if (!row) throw new Error("the credentials name a project that does not exist");
  const keys = { macKeyId: row.mac_key_id, projectKeyId: row.key_id };
  cache.set(slot, keys);
  return keys;
}

/**
 * Runs `work` in one transaction that sees what the caller may reach of the tenant.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function transact<T>(
  database: Database,
  tenancy: Tenancy,
  work: (transaction: TenantTransaction) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { tenantId, projectId } = tenancy;
  const { macKeyId, projectKeyId } = await readProjectKeys(database, tenantId, projectId);
  const content = new Content(database.cipher, tenantId);
  const mac = (domain: MacDomain, value: string | Uint8Array) =>
    database.cipher.mac(tenantId, macKeyId, domain, value);
  return inTransaction(
    database.pool,
    tenancy,
    (transaction) => work({ ...transaction, content, projectKeyId, mac }),
    signal,
  );
}
