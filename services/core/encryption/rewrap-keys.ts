import { randomBytes } from "node:crypto";
import { MnemeError } from "../errors.ts";
import { decrypt, encrypt, OVERHEAD_BYTES } from "./aes-gcm.ts";
import type { KeyLeases } from "./key-leases.ts";
import { type KeyProviders, KeyRefusedError } from "./key-provider.ts";
import {
  asHeard,
  dataKeyContext,
  KEY_BYTES,
  openToken,
  sealToken,
  type TenantKeyVersion,
  unwrapVersion,
  wrapVersion,
} from "./tenant-key.ts";
import type { TenantKeyStore, WrappedDataKey } from "./tenant-key-store.ts";

export interface RewrapDeps {
  readonly store: TenantKeyStore;
  readonly providers: KeyProviders;
  readonly leases: Pick<KeyLeases, "refresh" | "forget">;
}

const KEYS_AT_ONCE = 500;
const VERSIONS_AT_ONCE = 100;

/**
 * Wraps a tenant's data keys with the newest version of its key and removes the versions before. It may end anywhere
 * and be begun again, several at once too.
 *
 * @returns how many keys it wrapped.
 * @throws MnemeError TENANT_KEY_REVOKED, DEPENDENCY_UNAVAILABLE.
 */
export async function rewrapDataKeys(
  { store, providers, leases }: RewrapDeps,
  tenantId: string,
  signal?: AbortSignal,
): Promise<number> {
  let count = 0;
  for (;;) {
    signal?.throwIfAborted();
    // Anew each time: a version may have come meanwhile.
    let { newest, versions } = await leases.refresh(tenantId);
    if (newest === 0) {
      await addFirstVersion({ store, providers }, tenantId);
      ({ newest, versions } = await leases.refresh(tenantId));
    }
    const page = await store.toRewrap(tenantId, newest, KEYS_AT_ONCE);
    const under = versions.get(newest);
    if (page.length === 0 || !under) break;
    const keys = await Promise.all(
      page.map(async (key) => {
        // One that is damaged must not keep the others from it.
        const open = await openDataKey(providers, versions, tenantId, key).catch(() => undefined);
        if (!open) return [];
        const to = encrypt(under, dataKeyContext(tenantId, key.keyId), open);
        return [{ keyId: key.keyId, from: key.bytes, to }];
      }),
    );
    if (keys.flat().length === 0) break;
    count += await store.rewrapped(tenantId, newest, keys.flat());
  }
  const { newest } = await leases.refresh(tenantId);
  await store.retireBefore(tenantId, newest);
  leases.forget(tenantId);
  return count;
}

/** A data key that is not as it was kept: nothing that it sealed can be opened. */
export class DamagedKeyError extends Error {
  override readonly name = "DamagedKeyError";
}

/**
 * @returns undefined where its version is gone: it was wrapped anew meanwhile.
 * @throws DamagedKeyError, and of a key that the master key itself wrapped MnemeError DEPENDENCY_UNAVAILABLE of
 *   `key_provider` where none opens it.
 */
export async function openDataKey(
  providers: KeyProviders,
  versions: ReadonlyMap<number, Uint8Array>,
  tenantId: string,
  { keyId, version, bytes }: WrappedDataKey,
): Promise<Uint8Array | undefined> {
  const context = dataKeyContext(tenantId, keyId);
  if (bytes.length !== KEY_BYTES + OVERHEAD_BYTES) {
    throw new DamagedKeyError(`data key ${keyId} is wrapped in ${bytes.length} bytes, which no key is`);
  }
  if (version === undefined) return heard(providers.of("local").unwrap(context, bytes));
  const key = versions.get(version);
  try {
    return key && decrypt(key, context, bytes);
  } catch (cause) {
    throw new DamagedKeyError(`data key ${keyId} does not open under its tenant's key`, { cause });
  }
}

/**
 * A tenant's first version, by the deployment's provider, unless somebody else makes it first.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE of `key_provider`.
 */
export async function addFirstVersion(
  { store, providers }: Pick<RewrapDeps, "store" | "providers">,
  tenantId: string,
): Promise<void> {
  const first = wrapVersion(providers, { tenantId, version: 1 }, undefined, randomBytes(KEY_BYTES));
  await store.add(await heard(first));
}

async function heard<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw asHeard(error);
  });
}

/**
 * Wraps tenants' keys anew that another key of their provider wraps than it does now: it was rotated, or the deployment
 * has another provider. What a provider refuses, or cannot be asked now, is left as it is.
 *
 * @returns how many versions it wrapped, and how many it had to leave.
 * @throws KeyRefusedError, MnemeError where the provider that is to wrap them can't, or the store does not answer.
 */
export async function renewTenantKeys(
  deps: Pick<RewrapDeps, "store" | "providers">,
  signal?: AbortSignal,
): Promise<{ readonly renewed: number; readonly left: number }> {
  const { store, providers } = deps;
  const standard = providers.of(providers.standard);
  // What it wraps with today, nobody but itself can tell.
  const { providerKey } = await standard.wrap("probe", randomBytes(32), signal);
  const isCurrent = (wrapped: { readonly provider: string; readonly providerKey: string }) =>
    wrapped.provider === providers.standard && wrapped.providerKey === providerKey;
  const tally = { renewed: 0, left: 0 };
  let after: TenantKeyVersion | undefined;
  for (;;) {
    signal?.throwIfAborted();
    const page = await store.page(after, VERSIONS_AT_ONCE);
    for (const from of page) {
      if (from.brought ? isCurrent(from.brought.token) : isCurrent(from.wrapped)) continue;
      signal?.throwIfAborted();
      const to = await renewed(providers, from);
      if (!to) tally.left += 1;
      else if (await store.replace([{ from, to }])) tally.renewed += 1;
    }
    after = page.at(-1);
    if (page.length < VERSIONS_AT_ONCE || !after) return tally;
  }
}

/**
 * Of a brought key its token is sealed anew; the rest is the tenant's.
 *
 * @returns undefined where that which wrapped it refuses it, does not answer, or is not set in this process.
 */
async function renewed(
  providers: KeyProviders,
  key: TenantKeyVersion,
): Promise<TenantKeyVersion | undefined> {
  try {
    if (!key.brought)
      return await wrapVersion(providers, key, undefined, await unwrapVersion(providers, key));
    const token = await sealToken(providers, key, await openToken(providers, key));
    return { ...key, brought: { ...key.brought, token } };
  } catch (error) {
    if (error instanceof KeyRefusedError || error instanceof MnemeError) return undefined;
    throw error;
  }
}
