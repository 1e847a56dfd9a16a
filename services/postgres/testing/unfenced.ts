import { createCipher } from "@mneme/core/encryption/cipher.ts";
import type { KeyStore } from "@mneme/core/encryption/key-store.ts";
import { asNobody } from "@mneme/core/tenancy/credential-tenant.ts";
import type pg from "pg";
import type { Database } from "../database.ts";
import { createPool } from "../pool.ts";
import type { TestRecord } from "./record.ts";

/** Of a superuser, whom row-level security does not hold: the record with its fence down. */
export function openUnfencedPool({ admin }: TestRecord): pg.Pool {
  const url = admin.options.connectionString as string;
  return createPool({ url, applicationName: "unfenced", max: 2 });
}

/** The same with the key store's fence down: what it does, it does with nobody's credentials. */
export function withOpenKeys({ keys, ...database }: Database): Database {
  const open: KeyStore = {
    admit: (tenantId) => asNobody(() => keys.admit(tenantId)),
    create: (tenantId, purpose) => asNobody(() => keys.create(tenantId, purpose)),
    get: (tenantId, keyId) => asNobody(() => keys.get(tenantId, keyId)),
    destroy: (tenantId, keyId) => asNobody(() => keys.destroy(tenantId, keyId)),
  };
  return { ...database, keys: open, cipher: createCipher(open) };
}
