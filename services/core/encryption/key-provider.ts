/** A key that was wrapped by a provider. */
export interface WrappedKey {
  readonly bytes: Uint8Array;
  /** Which of the provider's keys wrapped it; another once that is rotated. Holds no secret. */
  readonly providerKey: string;
}

/** What wraps keys by one that never leaves its place: a file of ours, or a transit engine. */
export interface KeyProvider {
  /**
   * @param context bound in: a wrapped key that was moved to another place does not open.
   * @throws KeyRefusedError, MnemeError DEPENDENCY_UNAVAILABLE of its owner's dependency.
   */
  wrap(context: string, key: Uint8Array, signal?: AbortSignal): Promise<WrappedKey>;
  /** @throws KeyRefusedError, MnemeError DEPENDENCY_UNAVAILABLE of its owner's dependency. */
  unwrap(context: string, wrapped: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Whose a provider is: a tenant's own concerns nobody else, the deployment's concerns all. */
export type ProviderOwner = "tenant" | "deployment";

/** What an error's metadata call a provider that fails. */
export const PROVIDER_DEPENDENCY = {
  tenant: "tenant_key_provider",
  deployment: "key_provider",
} as const satisfies Record<ProviderOwner, string>;

/** A provider's no: its key is revoked, deleted or disabled, the token is not good, or the bytes are another's. */
export class KeyRefusedError extends Error {
  override readonly name = "KeyRefusedError";
  readonly owner: ProviderOwner;

  constructor(owner: ProviderOwner, message: string, options?: ErrorOptions) {
    super(message, options);
    this.owner = owner;
  }
}

/** The deployment's providers. */
export type DeploymentProvider = "local" | "transit";

/** A key of a transit engine that a tenant has brought. */
export interface TransitReference {
  readonly url: string;
  readonly mount: string;
  readonly key: string;
  /** Empty where the server has none. */
  readonly namespace: string;
}

/** Whatever can wrap a tenant's key in this process. */
export interface KeyProviders {
  /** What wraps new keys. */
  readonly standard: DeploymentProvider;
  /** Whether this process was told of it. */
  has(name: DeploymentProvider): boolean;
  /** @throws MnemeError DEPENDENCY_UNAVAILABLE where this process was not told of it. */
  of(name: DeploymentProvider): KeyProvider;
  /** @throws MnemeError FIELD_INVALID for an address that this deployment calls for no tenant. */
  brought(reference: TransitReference, token: string): KeyProvider;
}
