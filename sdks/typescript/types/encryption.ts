/** A key of a transit engine (Vault, OpenBao). */
export interface TransitReference {
  /** The server, https. */
  readonly url: string;
  /** Where the engine is mounted; `transit` if unset. */
  readonly mount?: string | undefined;
  /** The key's name there. */
  readonly key: string;
  /** If the server has namespaces. */
  readonly namespace?: string | undefined;
}

/** The key that the tenant's data keys are wrapped with. */
export interface TenantKey {
  /** 1, 2, ...: grows with each rotation. */
  readonly version: number;
  /** Who wraps it: the deployment, or a transit engine that the tenant has brought. */
  readonly provider: "deployment" | "tenant" | undefined;
  /** Where, if the tenant has brought it. */
  readonly transit: TransitReference | undefined;
  /** "revoked": its provider refuses it, and what the tenant has stored can't be read. */
  readonly state: "active" | "rotating" | "revoked" | undefined;
  /** Data keys that are still wrapped with an older version. */
  readonly keysToRewrap: number;
  readonly createTime: Date | undefined;
}
