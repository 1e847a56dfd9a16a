import { MnemeError } from "../errors.ts";
import {
  type DeploymentProvider,
  type KeyProvider,
  type KeyProviders,
  KeyRefusedError,
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

/** @throws KeyRefusedError, MnemeError DEPENDENCY_UNAVAILABLE of `key_provider`. */
export async function unwrapVersion(providers: KeyProviders, key: TenantKeyVersion): Promise<Uint8Array> {
  const provider = await providerOf(providers, key);
  return provider.unwrap(keyContext(key), key.wrapped.bytes);
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
    throw new KeyRefusedError("the deployment calls no such address any more", { cause: error });
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

/** @throws KeyRefusedError, MnemeError DEPENDENCY_UNAVAILABLE of `key_provider`. */
export async function openToken(providers: KeyProviders, key: TenantKeyVersion): Promise<string> {
  if (!key.brought) throw new Error("a deployment's key has no token");
  const { provider, bytes } = key.brought.token;
  const opened = await providers.of(provider).unwrap(tokenContext(key), bytes);
  return Buffer.from(opened).toString("utf8");
}

/** What a caller hears of a provider's no. */
export function keyRevoked(cause: unknown): MnemeError {
  return new MnemeError(
    "permission_denied",
    "TENANT_KEY_REVOKED",
    "the tenant's key is revoked or gone at its provider: nothing can be read or written until it is back",
    { cause },
  );
}

/** A provider's no as a caller hears it; anything else as it is. */
export function asRevoked(error: unknown): unknown {
  return error instanceof KeyRefusedError ? keyRevoked(error) : error;
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
