import { MnemeError } from "../errors.ts";
import { ConfigError } from "../settings.ts";
import { openDataKey } from "./data-key.ts";
import { type KeyProviders, KeyRefusedError } from "./key-provider.ts";
import { openToken, unwrapVersion } from "./tenant-key.ts";
import type { TenantKeyStore } from "./tenant-key-store.ts";

/** Enough to meet one that the deployment's provider has wrapped. */
const LOOKED_AT = 100;

/**
 * Opens a key that is there already, so that a wrong master key is told at the start and not by every call.
 *
 * @throws ConfigError where the deployment's provider does not open it. Whatever keeps it from being asked is none.
 */
export async function checkProviders(store: TenantKeyStore, providers: KeyProviders): Promise<void> {
  try {
    await openOne(store, providers);
  } catch (error) {
    const refusal = error instanceof MnemeError ? error.cause : error;
    if (refusal instanceof KeyRefusedError && refusal.owner === "deployment") {
      throw new ConfigError([faultOf(providers)]);
    }
    // An engine that is not up, or has no tables yet, is waited for like any other.
  }
}

async function openOne(store: TenantKeyStore, providers: KeyProviders): Promise<void> {
  const live = await store.page(undefined, LOOKED_AT);
  const ours = live.find(({ brought }) => brought === undefined);
  const [first] = live;
  if (ours) return void (await unwrapVersion(providers, ours));
  if (first) return void (await openToken(providers, first));
  for (const tenantId of await store.rotating(1)) {
    const [key] = await store.toRewrap(tenantId, 0, undefined, 1);
    if (key) await openDataKey(providers, new Map(), tenantId, key);
  }
}

function faultOf({ standard }: KeyProviders): string {
  return standard === "local"
    ? "MNEME_MASTER_KEY_FILE does not open the keys in the key store: name the file that they were wrapped with, or name that one in MNEME_MASTER_KEY_PREVIOUS_FILE"
    : "neither the transit engine of MNEME_TRANSIT_URL nor MNEME_MASTER_KEY_FILE opens the keys in the key store: see that both are those that wrapped them, and that the token of MNEME_TRANSIT_TOKEN_FILE may decrypt";
}
