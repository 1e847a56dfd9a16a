import { randomBytes } from "node:crypto";
import { MnemeError } from "../errors.ts";
import { encrypt } from "./aes-gcm.ts";
import { DamagedKeyError, openDataKey } from "./data-key.ts";
import type { KeyLeases } from "./key-leases.ts";
import { type KeyProviders, KeyRefusedError } from "./key-provider.ts";
import {
  dataKeyContext,
  KEY_BYTES,
  openToken,
  orAsHeard,
  sealToken,
  type TenantKeyVersion,
  unwrapVersion,
  wrapsToday,
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

/** What became of a tenant's data keys that were to be wrapped anew. */
export interface RewrapReport {
  readonly wrapped: number;
  /** Damaged: they stay as they are, and so do the versions that wrapped them. */
  readonly left: number;
}

/**
 * Wraps a tenant's data keys with the newest version of its key and removes the versions before. It may end anywhere
 * and be begun again, several at once too. One that does not open keeps no other from it.
 *
 * @throws MnemeError TENANT_KEY_REVOKED, DEPENDENCY_UNAVAILABLE; of a key that the master key itself wrapped and does
 *   not open now, once the others are wrapped.
 */
export async function rewrapDataKeys(
  deps: RewrapDeps,
  tenantId: string,
  signal?: AbortSignal,
): Promise<RewrapReport> {
  const report = { wrapped: 0, left: 0 };
  let refusal: { readonly fault: unknown } | undefined;
  let after: WrappedDataKey | undefined;
  do {
    signal?.throwIfAborted();
    const { wrapped, faults, last } = await rewrapPage(deps, tenantId, after);
    const refused = faults.filter((fault) => !(fault instanceof DamagedKeyError));
    report.wrapped += wrapped;
    report.left += faults.length - refused.length;
    if (refused.length > 0) refusal ??= { fault: refused[0] };
    after = last;
  } while (after);
  const { newest } = await deps.leases.refresh(tenantId);
  await deps.store.retireBefore(tenantId, newest);
  deps.leases.forget(tenantId);
  if (refusal) throw refusal.fault;
  return report;
}

async function rewrapPage(
  { store, providers, leases }: RewrapDeps,
  tenantId: string,
  after: WrappedDataKey | undefined,
) {
  // Anew each time: a version may have come meanwhile.
  let { newest, versions } = await leases.refresh(tenantId);
  if (newest === 0) {
    await addFirstVersion({ store, providers }, tenantId);
    ({ newest, versions } = await leases.refresh(tenantId));
  }
  const under = versions.get(newest);
  if (!under) throw new Error("a tenant's key went away while data keys were wrapped anew");
  const page = await store.toRewrap(tenantId, newest, after, KEYS_AT_ONCE);
  const faults: unknown[] = [];
  const keys = await Promise.all(
    page.map(async (key) => {
      const open = await openDataKey(providers, versions, tenantId, key).catch((fault: unknown) => {
        faults.push(fault);
      });
      if (!open) return [];
      const to = encrypt(under, dataKeyContext(tenantId, key.keyId), open);
      return [{ keyId: key.keyId, from: key.bytes, to }];
    }),
  );
  const wrapped = keys.flat().length > 0 ? await store.rewrapped(tenantId, newest, keys.flat()) : 0;
  return { wrapped, faults, last: page.length < KEYS_AT_ONCE ? undefined : page.at(-1) };
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
  await store.add(await orAsHeard(first));
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
  const isCurrent = await wrapsToday(providers, signal);
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
