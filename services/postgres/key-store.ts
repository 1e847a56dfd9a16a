import { randomBytes } from "node:crypto";
import type { KeyStore, KeyWrapper } from "@mneme/core/encryption/key-store.ts";
import { LRUCache } from "lru-cache";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { asUnavailable } from "./pool.ts";

export interface KeyStoreOptions {
  /** Unwrapped keys held in memory; 10,000 by default. */
  readonly cacheSize?: number;
  /** How long a key may be used after it was read, in milliseconds; 30,000 by default. */
  readonly cacheTtlMs?: number;
}

/** Data keys in a database of their own, wrapped by `wrapper`. */
export function createKeyStore(pool: pg.Pool, wrapper: KeyWrapper, options: KeyStoreOptions = {}): KeyStore {
  const cache = new LRUCache<string, Promise<Uint8Array | undefined>>({
    max: options.cacheSize ?? 10_000,
    ttl: options.cacheTtlMs ?? 30_000,
  });

  async function read(tenantId: string, keyId: string): Promise<Uint8Array | undefined> {
    const { rows } = await pool
      .query<{ wrapped: Buffer | null }>({
        name: "read_data_key",
        text: "select wrapped from data_keys where key_id = $1 and tenant_id = $2",
        values: [keyId, tenantId],
      })
      .catch((error: unknown) => {
        throw asUnavailable(error);
      });
    const wrapped = rows[0]?.wrapped;
    return wrapped ? wrapper.unwrap(tenantId, keyId, wrapped) : undefined;
  }

  return {
    async create(tenantId, purpose) {
      const keyId = uuidv7();
      const key = randomBytes(32);
      const wrapped = await wrapper.wrap(tenantId, keyId, key);
      await pool
        .query("insert into data_keys (key_id, tenant_id, wrapped, purpose) values ($1, $2, $3, $4)", [
          keyId,
          tenantId,
          wrapped,
          purpose,
        ])
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      cache.set(cacheKey(tenantId, keyId), Promise.resolve(key));
      return keyId;
    },
    get(tenantId, keyId) {
      const slot = cacheKey(tenantId, keyId);
      const cached = cache.get(slot);
      if (cached) return cached;
      const pending = read(tenantId, keyId);
      cache.set(slot, pending);
      // A failed or empty read must not be remembered.
      pending.then(
        (key) => key ?? cache.delete(slot),
        () => cache.delete(slot),
      );
      return pending;
    },
    async destroy(tenantId, keyId) {
      await pool
        .query(
          `update data_keys set wrapped = null, destroyed_at = now()
           where key_id = $1 and tenant_id = $2 and destroyed_at is null`,
          [keyId, tenantId],
        )
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      cache.delete(cacheKey(tenantId, keyId));
    },
  };
}

const cacheKey = (tenantId: string, keyId: string) => `${tenantId}/${keyId}`;
