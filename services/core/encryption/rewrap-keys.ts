import { randomBytes } from "node:crypto";
import { decrypt, encrypt } from "./aes-gcm.ts";
import type { KeyLeases } from "./key-leases.ts";
import { type KeyProviders, KeyRefusedError } from "./key-provider.ts";
import {
  dataKeyContext,
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

/** @returns undefined where its version is gone: it was wrapped anew meanwhile. */
export async function openDataKey(
  providers: KeyProviders,
  versions: ReadonlyMap<number, Uint8Array>,
  tenantId: string,
  { keyId, version, bytes }: WrappedDataKey,
): Promise<Uint8Array | undefined> {
  const context = dataKeyContext(tenantId, keyId);
  if (version === undefined) return providers.of("local").unwrap(context, bytes);
  const key = versions.get(version);
  return key && decrypt(key, context, bytes);
}

/** A tenant's first version, by the deployment's provider, unless somebody else makes it first. */
export async function addFirstVersion(
  { store, providers }: Pick<RewrapDeps, "store" | "providers">,
  tenantId: string,
): Promise<void> {
  await store.add(await wrapVersion(providers, { tenantId, version: 1 }, undefined, randomBytes(32)));
}

/**
 * Wraps tenants' keys anew that another key of their provider wraps than it does now: it was rotated, or the deployment
 * has another provider. What a provider refuses, or cannot be asked now, is left as it is.
 *
 * @returns how many versions it wrapped, and how many it had to leave.
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
      try {
        const to = await renewed(providers, from);
        if (await store.replace([{ from, to }])) tally.renewed += 1;
      } catch (error) {
        if (!(error instanceof KeyRefusedError)) throw error;
        tally.left += 1;
      }
    }
    after = page.at(-1);
    if (page.length < VERSIONS_AT_ONCE || !after) return tally;
  }
}

/** Of a brought key its token is sealed anew; the rest is the tenant's. */
async function renewed(providers: KeyProviders, key: TenantKeyVersion): Promise<TenantKeyVersion> {
  if (key.brought) {
    const token = await sealToken(providers, key, await openToken(providers, key));
    return { ...key, brought: { ...key.brought, token } };
  }
  return wrapVersion(providers, key, undefined, await unwrapVersion(providers, key));
}
