/** What a data key encrypts. */
export type KeyPurpose = "subject" | "project" | "tenant_mac";

/**
 * Data keys, 32 random bytes each, wrapped by their tenant's key. It lives outside every retained backup of the
 * record, so that destroying a key makes what it encrypted unreadable everywhere.
 *
 * Every member but `destroy` throws MnemeError TENANT_KEY_REVOKED once the provider that the tenant has brought refuses
 * its key, and DEPENDENCY_UNAVAILABLE of `tenant_key_provider` when that has not answered for too long, of `key_provider`
 * when the deployment's own has not, or refuses.
 */
export interface KeyStore {
  /** Resolves while the tenant's key may be used: what touches no sealed value asks this. */
  admit(tenantId: string): Promise<void>;
  /** Makes and keeps a new key. */
  create(tenantId: string, purpose: KeyPurpose): Promise<string>;
  /**
   * @returns undefined when the key is destroyed.
   * @throws Error when it is unknown or another tenant's: what it sealed is not gone, and must not be taken for it.
   */
  get(tenantId: string, keyId: string): Promise<Uint8Array | undefined>;
  /** Destroys for good; destroying twice is not an error. */
  destroy(tenantId: string, keyId: string): Promise<void>;
}
