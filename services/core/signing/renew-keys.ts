import { type RewrapDeps, renewTenantKeys } from "../encryption/rewrap-keys.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** What became of the keys that the deployment's provider wraps. */
export interface RenewalReport {
  /** Wrapped anew. */
  readonly renewed: number;
  /** As they were, though another key wraps them than the provider has now. */
  readonly left: number;
  /** 1 where another key signs from now on. */
  readonly replaced: number;
}

/**
 * Wraps anew all that another key wraps than the deployment's provider has now: the key that signs, and tenants' keys.
 *
 * @throws KeyRefusedError, MnemeError where the provider that is to wrap them can't, or the store does not answer.
 */
export async function renewKeys(
  custody: Pick<RewrapDeps, "store" | "providers">,
  signing: Pick<SigningKeys, "renew">,
  signal?: AbortSignal,
): Promise<RenewalReport> {
  const ofSigning = await signing.renew(signal);
  const { renewed, left } = await renewTenantKeys(custody, signal);
  return {
    renewed: renewed + Number(ofSigning === "rewrapped"),
    left: left + Number(ofSigning === "left"),
    replaced: Number(ofSigning === "replaced"),
  };
}
