/** What a data key encrypts. */
export type KeyPurpose = "subject" | "project" | "tenant_mac";

/**
 * Data keys, 32 random bytes each. It lives outside every retained backup of the record, so that
 * destroying a key makes what it encrypted unreadable everywhere.
 */
export interface KeyStore {
  /** Makes and keeps a new key. */
  create(tenantId: string, purpose: KeyPurpose, signal?: AbortSignal): Promise<string>;
  /** @returns undefined when the key is destroyed, unknown or another tenant's. */
  get(tenantId: string, keyId: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /** Destroys for good; destroying twice is not an error. */
  destroy(tenantId: string, keyId: string, signal?: AbortSignal): Promise<void>;
}

/** Wraps data keys: a local master key, or later a tenant's KMS. */
export interface KeyWrapper {
  wrap(tenantId: string, keyId: string, key: Uint8Array): Promise<Buffer>;
  unwrap(tenantId: string, keyId: string, wrapped: Uint8Array): Promise<Buffer>;
}
