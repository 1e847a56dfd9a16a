import { randomBytes } from "node:crypto";
import { MnemeError } from "../errors.ts";
import {
  type DeploymentProvider,
  type KeyProvider,
  type KeyProviders,
  KeyRefusedError,
  PROVIDER_DEPENDENCY,
  type TransitReference,
  type WrappedKey,
} from "./key-provider.ts";

/** What a deployment's provider has wrapped. */
export interface DeploymentWrapped extends WrappedKey {
  readonly provider: DeploymentProvider;
}

/** A transit engine's key that a tenant has brought, and its token, which a deployment's provider keeps sealed. */
export interface BroughtKey {
  readonly reference: TransitReference;
  readonly token: DeploymentWrapped;
}

/** A version of a tenant's key as it is kept. */
export interface TenantKeyVersion {
  readonly tenantId: string;
  /** 1, 2, ... */
  readonly version: number;
  readonly wrapped: WrappedKey & { readonly provider: DeploymentProvider | "brought" };
  /** Where `wrapped.provider` is `brought`. */
  readonly brought?: BroughtKey | undefined;
}

/** Of every key here: a tenant's, and a data key. */
export const KEY_BYTES = 32;

/**
 * Tells what the deployment wraps with today from what it wrapped with before: another key, or another provider's.
 *
 * @throws KeyRefusedError, MnemeError DEPENDENCY_UNAVAILABLE of `key_provider`.
 */
export async function wrapsToday(providers: KeyProviders, signal?: AbortSignal) {
  const { standard } = providers;
  // Which key that is, nobody but the provider can tell.
  const { providerKey } = await providers.of(standard).wrap("probe", randomBytes(KEY_BYTES), signal);
  return (wrapped: { readonly provider: string; readonly providerKey: string }) =>
    wrapped.provider === standard && wrapped.providerKey === providerKey;
}

/** Wraps a version of a tenant's key. */
export async function wrapVersion(
  providers: KeyProviders,
  slot: Pick<TenantKeyVersion, "tenantId" | "version">,
  owner: { readonly reference: TransitReference; readonly token: string } | undefined,
  key: Uint8Array,
): Promise<TenantKeyVersion> {
  const context = keyContext(slot);
  if (!owner) {
    const provider = providers.standard;
    const wrapped = await providers.of(provider).wrap(context, key);
    return { ...slot, wrapped: { ...wrapped, provider } };
  }
  const { reference, token } = owner;
  const wrapped = await providers.brought(reference, token).wrap(context, key);
  const brought = { reference, token: await sealToken(providers, slot, token) };
  return { ...slot, wrapped: { ...wrapped, provider: "brought" }, brought };
}

/** @throws KeyRefusedError, MnemeError DEPENDENCY_UNAVAILABLE of `key_provider` or `tenant_key_provider`. */
export async function unwrapVersion(providers: KeyProviders, key: TenantKeyVersion): Promise<Uint8Array> {
  const provider = await providerOf(providers, key);
  const opened = await provider.unwrap(keyContext(key), key.wrapped.bytes);
  if (opened.length === KEY_BYTES) return opened;
  const owner = key.wrapped.provider === "brought" ? "tenant" : "deployment";
  throw new KeyRefusedError(owner, `a tenant's key of ${opened.length} bytes is none`);
}

/** The provider of a version, with its token where it was brought. */
export async function providerOf(providers: KeyProviders, key: TenantKeyVersion): Promise<KeyProvider> {
  const { provider } = key.wrapped;
  if (provider !== "brought") return providers.of(provider);
  if (!key.brought) throw new Error("a brought key has no reference");
  const token = await openToken(providers, key);
  try {
    return providers.brought(key.brought.reference, token);
  } catch (error) {
    if (!(error instanceof MnemeError) || error.reason !== "FIELD_INVALID") throw error;
    throw new KeyRefusedError("tenant", "the deployment calls no such address any more", { cause: error });
  }
}

/** Seals a tenant's token by the deployment's own provider. */
export async function sealToken(
  providers: KeyProviders,
  slot: Pick<TenantKeyVersion, "tenantId" | "version">,
  token: string,
): Promise<DeploymentWrapped> {
  const provider = providers.standard;
  const wrapped = await providers.of(provider).wrap(tokenContext(slot), Buffer.from(token));
  return { ...wrapped, provider };
}

/** @throws KeyRefusedError of the deployment's provider, MnemeError DEPENDENCY_UNAVAILABLE of `key_provider`. */
export async function openToken(providers: KeyProviders, key: TenantKeyVersion): Promise<string> {
  if (!key.brought) throw new Error("a deployment's key has no token");
  const { provider, bytes } = key.brought.token;
  const opened = await providers.of(provider).unwrap(tokenContext(key), bytes);
  return Buffer.from(opened).toString("utf8");
}

/** What a caller hears of the no of a provider that the tenant has brought. */
export function keyRevoked(cause: unknown): MnemeError {
  return new MnemeError(
    "permission_denied",
    "TENANT_KEY_REVOKED",
    "the tenant's key is revoked or gone at its provider: nothing can be read or written until it is back",
    { cause },
  );
}

/** Whether a provider that the tenant has brought said no: only the tenant's own no revokes its key. */
export function isRevocation(error: unknown): error is KeyRefusedError {
  return error instanceof KeyRefusedError && error.owner === "tenant";
}

/** A provider's no as a caller hears it: the deployment's is an outage. Anything else as it is. */
export function asHeard(error: unknown): unknown {
  if (isRevocation(error)) return keyRevoked(error);
  if (!(error instanceof KeyRefusedError)) return error;
  return new MnemeError(
    "unavailable",
    "DEPENDENCY_UNAVAILABLE",
    "the deployment's key provider refuses its keys; try again",
    {
      cause: error,
      metadata: { dependency: PROVIDER_DEPENDENCY.deployment, code: "REFUSED" },
      retryAfterMs: 2_000,
    },
  );
}

/** A provider's work; its no as a caller hears it. */
export async function orAsHeard<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw asHeard(error);
  });
}

/**
 * True where a tenant's own key keeps its record closed, because it is revoked or the provider that the tenant has
 * brought does not answer: work over many tenants goes on without this one.
 */
export function isClosedByTenant(error: unknown): error is MnemeError {
  if (!(error instanceof MnemeError)) return false;
  const { reason, metadata } = error;
  if (reason === "DEPENDENCY_UNAVAILABLE") return metadata.dependency === PROVIDER_DEPENDENCY.tenant;
  return reason === "TENANT_KEY_REVOKED";
}

/** What binds a data key to its place. */
export function dataKeyContext(tenantId: string, keyId: string): string {
  return `data-key/${tenantId}/${keyId}`;
}

function keyContext({ tenantId, version }: Pick<TenantKeyVersion, "tenantId" | "version">): string {
  return `tenant-key/${tenantId}/${version}`;
}

function tokenContext({ tenantId, version }: Pick<TenantKeyVersion, "tenantId" | "version">): string {
  return `tenant-key-token/${tenantId}/${version}`;
}
