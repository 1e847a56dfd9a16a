import { randomBytes } from "node:crypto";
import { encrypt } from "@mneme/core/encryption/aes-gcm.ts";
import { openDataKey } from "@mneme/core/encryption/data-key.ts";
import { KeyLeases } from "@mneme/core/encryption/key-leases.ts";
import type { KeyProviders } from "@mneme/core/encryption/key-provider.ts";
import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { addFirstVersion, type RewrapDeps } from "@mneme/core/encryption/rewrap-keys.ts";
import { dataKeyContext, unwrapVersion } from "@mneme/core/encryption/tenant-key.ts";
import { credentialTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import { LRUCache } from "lru-cache";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { readOne, writeOne } from "./one-statement.ts";
import { createTenantKeyStore } from "./tenant-key-store.ts";

export interface KeyStoreOptions {
  /** Unwrapped keys held in memory; 10,000 by default. */
  readonly cacheSize?: number;
  /** How long a key may be used after it was read, in milliseconds; 30,000 by default. */
  readonly cacheTtlMs?: number;
  /** Milliseconds of a clock that never goes back, for tenants' keys. */
  readonly now?: () => number;
}

/** Data keys, and the tenants' keys that wrap them. */
export interface PostgresKeyStore extends KeyStore {
  /** What use cases on tenants' keys stand on. */
  readonly custody: RewrapDeps;
}

interface DataKeyRow {
  readonly wrapped: Buffer | null;
  readonly version: number | null;
}

/** A version that a row names may come or go between two reads of ours, hardly twice. */
const TRIES = 4;

/** Data keys in a database of their own, wrapped by their tenant's key, which `providers` wrap. */
export function createKeyStore(
  pool: pg.Pool,
  providers: KeyProviders,
  options: KeyStoreOptions = {},
): PostgresKeyStore {
  const cache = new LRUCache<string, Promise<Uint8Array | undefined>>({
    max: options.cacheSize ?? 10_000,
    ttl: options.cacheTtlMs ?? 30_000,
  });
  const store = createTenantKeyStore(pool);
  const leases = new KeyLeases({
    async open(tenantId) {
      const live = await store.live(tenantId);
      const keys = await Promise.all(live.map((key) => unwrapVersion(providers, key)));
      const versions = new Map(live.map(({ version }, i) => [version, keys[i] as Uint8Array]));
      return { newest: live[0]?.version ?? 0, versions };
    },
    onRefused(tenantId) {
      for (const slot of cache.keys()) if (slot.startsWith(`${tenantId}/`)) cache.delete(slot);
    },
    ...(options.now && { now: options.now }),
  });

  async function read(tenantId: string, keyId: string): Promise<Uint8Array | undefined> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const [row] = await readOne<DataKeyRow>(pool, tenantId, {
        name: "read_data_key",
        text: "select wrapped, tenant_key_version as version from data_keys where key_id = $1 and tenant_id = $2",
        values: [keyId, tenantId],
      });
      // Keys that are destroyed leave their rows: without one it is no shredding, but a key store that is older than
      // the record, or a fence that shows nothing.
      if (!row) throw new Error(`data key ${keyId} is not in the tenant's key store`);
      if (!row.wrapped) return undefined;
      const { versions } = tries === 0 ? await leases.require(tenantId) : await leases.refresh(tenantId);
      const wrapped = { keyId, version: row.version ?? undefined, bytes: row.wrapped };
      const key = await openDataKey(providers, versions, tenantId, wrapped);
      if (key) return key;
    }
    throw new Error(`data key ${keyId} is wrapped by a tenant's key that is not there`);
  }

  async function getAdmitted(tenantId: string, keyId: string, slot: string) {
    await leases.require(tenantId);
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
  }

  /** @returns false where the version can't be used any more. */
  async function keep(tenantId: string, keyId: string, purpose: string, version: number, wrapped: Buffer) {
    const kept = await writeOne(pool, tenantId, {
      name: "make_data_key",
      // The lock keeps the version from being followed by another until the key is there: no rotation chases new keys.
      text: `insert into data_keys (key_id, tenant_id, wrapped, purpose, tenant_key_version)
             select $1::uuid, tenant_id, $3::bytea, $4::text, version from tenant_keys
             where tenant_id = $2 and version = $5 and state = 'active' for share`,
      values: [keyId, tenantId, wrapped, purpose, version],
    });
    return kept === 1;
  }

  return {
    custody: { store, providers, leases },
    async admit(askedFor) {
      const tenantId = tenantAtHand(askedFor);
      if (!leases.isFresh(tenantId)) await leases.require(tenantId);
    },
    async create(tenantId, purpose) {
      if (tenantAtHand(tenantId) !== tenantId)
        throw new Error("a data key is made for another tenant than the credentials are of");
      const keyId = uuidv7();
      const key = randomBytes(32);
      for (let tries = 0; tries < TRIES; tries += 1) {
        const { newest, versions } =
          tries === 0 ? await leases.require(tenantId) : await leases.refresh(tenantId);
        const under = versions.get(newest);
        if (under) {
          const wrapped = encrypt(under, dataKeyContext(tenantId, keyId), key);
          if (!(await keep(tenantId, keyId, purpose, newest, wrapped))) continue;
          cache.set(cacheKey(tenantId, keyId), Promise.resolve(key));
          return keyId;
        }
        await addFirstVersion({ store, providers }, tenantId);
      }
      throw new Error("a tenant's key went away while a data key was made");
    },
    get(askedFor, keyId) {
      const tenantId = tenantAtHand(askedFor);
      const slot = cacheKey(tenantId, keyId);
      const cached = leases.isFresh(tenantId) ? cache.get(slot) : undefined;
      return cached ?? getAdmitted(tenantId, keyId, slot);
    },
    async destroy(askedFor, keyId) {
      const tenantId = tenantAtHand(askedFor);
      await writeOne(pool, tenantId, {
        name: "destroy_data_key",
        text: `update data_keys set wrapped = null, destroyed_at = now()
               where key_id = $1 and tenant_id = $2 and destroyed_at is null`,
        values: [keyId, tenantId],
      });
      cache.delete(cacheKey(tenantId, keyId));
    },
  };
}

/** As the fence has it: what is unwrapped and held in memory is behind it as well. */
const tenantAtHand = (askedFor: string) => credentialTenant() ?? askedFor;

const cacheKey = (tenantId: string, keyId: string) => `${tenantId}/${keyId}`;
