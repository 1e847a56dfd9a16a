import { randomBytes } from "node:crypto";
import { invalidField, MnemeError } from "../errors.ts";
import { type Administrator, requireKeyOfTenant, stateConflict } from "../tenancy/administrator.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { KeyEvents } from "./key-events.ts";
import type { KeyLeases } from "./key-leases.ts";
import { type KeyProviders, KeyRefusedError, type TransitReference } from "./key-provider.ts";
import { type BringKeyCommand, refuses, renewedByToken } from "./renew-token.ts";
import { addFirstVersion } from "./rewrap-keys.ts";
import { asHeard, openToken, type TenantKeyVersion, unwrapVersion, wrapVersion } from "./tenant-key.ts";
import type { TenantKeyStore } from "./tenant-key-store.ts";

/** `revoked`: the provider refuses it. `rotating`: data keys are being wrapped anew, and everything works. */
export type TenantKeyState = "active" | "rotating" | "revoked";

/** A tenant's key as its owner may see it. */
export interface TenantKey {
  readonly version: number;
  /** Where it lies, if the tenant has brought it. */
  readonly transit: TransitReference | undefined;
  readonly state: TenantKeyState;
  readonly keysToRewrap: number;
  readonly createdAt: Date;
}

export interface TenantKeyDeps {
  readonly store: TenantKeyStore;
  readonly providers: KeyProviders;
  readonly leases: Pick<KeyLeases, "forget">;
  /** Told of a change, whose event is kept with it; without this the worker delivers it. */
  readonly events?: Pick<KeyEvents, "deliver">;
}

/**
 * @throws MnemeError PERMISSION_MISSING for a key of one project, as all of these, DEPENDENCY_UNAVAILABLE of
 *   `tenant_key_provider` where the provider that the tenant has brought does not answer, of `key_provider` where the
 *   deployment's does not, or refuses.
 */
export async function describeKey(deps: TenantKeyDeps, caller: Administrator): Promise<TenantKey> {
  requireKeyOfTenant(caller, "ENCRYPTION_READ", "the key is");
  return describeOf(deps, caller.tenantId);
}

async function describeOf(deps: TenantKeyDeps, tenantId: string): Promise<TenantKey> {
  const [newest, ...older] = await liveVersions(deps, tenantId);
  const facts = await deps.store.facts(tenantId);
  const isRefused = await Promise.all([newest, ...older].map((key) => refuses(deps.providers, key)));
  const keysToRewrap = facts?.toRewrap ?? 0;
  const isRotating = older.length > 0 || keysToRewrap > 0;
  return {
    version: newest.version,
    transit: newest.brought?.reference,
    state: isRefused.includes(true) ? "revoked" : isRotating ? "rotating" : "active",
    keysToRewrap,
    createdAt: facts?.createdAt ?? new Date(0),
  };
}

/**
 * Makes a new version by the same provider. Data keys are wrapped with it by the worker, while everything works.
 *
 * @throws MnemeError TENANT_KEY_REVOKED, DEPENDENCY_UNAVAILABLE, REQUEST_ID_REUSED.
 */
export async function rotateTenantKey(
  deps: TenantKeyDeps,
  caller: Administrator,
  request: WriteRequest,
): Promise<TenantKey> {
  return changed(deps, caller, request, async (newest) => {
    const { brought } = newest;
    if (!brought) return undefined;
    return { reference: brought.reference, token: await openToken(deps.providers, newest) };
  });
}

/**
 * Makes a new version by the deployment's provider.
 *
 * @throws MnemeError TENANT_KEY_REVOKED while the key that was brought is refused, for then what it wraps can't be
 *   opened, DEPENDENCY_UNAVAILABLE, REQUEST_ID_REUSED.
 */
export async function returnKey(
  deps: TenantKeyDeps,
  caller: Administrator,
  request: WriteRequest,
): Promise<TenantKey> {
  return changed(deps, caller, request, async () => undefined);
}

/**
 * Makes a new version by a provider of the tenant's own. Where a live one is refused, and the same key is brought with
 * another token, that token takes the other's place, and no version is made.
 *
 * @throws MnemeError FIELD_INVALID where the key brought can't wrap and unwrap, TENANT_KEY_REVOKED where a live version is
 *   refused that it does not open, DEPENDENCY_UNAVAILABLE, REQUEST_ID_REUSED.
 */
export async function bringKey(
  deps: TenantKeyDeps,
  caller: Administrator,
  command: BringKeyCommand,
  request: WriteRequest,
): Promise<TenantKey> {
  requireKeyOfTenant(caller, "ENCRYPTION_WRITE", "the key is");
  const { tenantId } = caller;
  if (await deps.store.isDone(tenantId, request)) return describeOf(deps, tenantId);
  await requireUsable(deps.providers, command);
  const live = await liveVersions(deps, tenantId);
  const renewals = await renewedByToken(deps.providers, live, command);
  if (renewals.length === 0) return changed(deps, caller, request, async () => command);
  if (!(await deps.store.replace(renewals, { request, audit: caller.audit }))) throw changedMeanwhile();
  settle(deps, tenantId);
  return describeOf(deps, tenantId);
}

/** Adds a version that `owner` says whose. */
async function changed(
  deps: TenantKeyDeps,
  caller: Administrator,
  request: WriteRequest,
  owner: (newest: TenantKeyVersion) => Promise<BringKeyCommand | undefined>,
): Promise<TenantKey> {
  requireKeyOfTenant(caller, "ENCRYPTION_WRITE", "the key is");
  const { store, providers } = deps;
  const { tenantId } = caller;
  if (await store.isDone(tenantId, request)) return describeOf(deps, tenantId);
  const live = await liveVersions(deps, tenantId);
  try {
    // Without all of them the data keys could not be wrapped anew.
    for (const key of live) await unwrapVersion(providers, key);
    const slot = { tenantId, version: live[0].version + 1 };
    const next = await wrapVersion(providers, slot, await owner(live[0]), randomBytes(32));
    if (!(await store.add(next, { request, audit: caller.audit }))) throw changedMeanwhile();
  } catch (error) {
    throw asHeard(error);
  }
  settle(deps, tenantId);
  return describeOf(deps, tenantId);
}

/** What follows a change. Its event is safe already: the answer does not wait for the record to take it. */
function settle({ leases, events }: TenantKeyDeps, tenantId: string): void {
  leases.forget(tenantId);
  events?.deliver(tenantId).catch(() => undefined);
}

type Live = readonly [TenantKeyVersion, ...TenantKeyVersion[]];

async function liveVersions({ store, providers }: TenantKeyDeps, tenantId: string): Promise<Live> {
  let live = await store.live(tenantId);
  if (live.length === 0) {
    await addFirstVersion({ store, providers }, tenantId);
    live = await store.live(tenantId);
  }
  return live as unknown as Live;
}

async function requireUsable(providers: KeyProviders, { reference, token }: BringKeyCommand): Promise<void> {
  const probe = randomBytes(32);
  try {
    const provider = providers.brought(reference, token);
    const { bytes } = await provider.wrap("probe", probe);
    if (probe.equals(await provider.unwrap("probe", bytes))) return;
  } catch (error) {
    if (error instanceof MnemeError && error.metadata.code === "ADDRESS_REFUSED") {
      throw invalidField("transit.url", "its host must not lead to a private address");
    }
    if (!(error instanceof KeyRefusedError)) throw error;
  }
  throw invalidField(
    "transit",
    "the server refuses to encrypt and decrypt; check mount, key and namespace, and that the token may do both",
  );
}

function changedMeanwhile(): MnemeError {
  return stateConflict("changed", "the tenant's key was changed by another call; try again");
}
