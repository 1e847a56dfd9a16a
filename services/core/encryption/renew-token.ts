import type { KeyProviders, TransitReference } from "./key-provider.ts";
import { asHeard, isRevocation, sealToken, type TenantKeyVersion, unwrapVersion } from "./tenant-key.ts";

/** A key of the tenant's own, and a token that may encrypt and decrypt with it. */
export interface BringKeyCommand {
  readonly reference: TransitReference;
  readonly token: string;
}

/** A version, and what takes its place. */
export interface Renewal {
  readonly from: TenantKeyVersion;
  readonly to: TenantKeyVersion;
}

/**
 * Looks for refused versions that another token opens again. While a key is being changed there are live versions of
 * two, and either key's token may be lost: those that the command's does not open keep their own.
 *
 * @returns every version that the token opens; empty where none of them is refused.
 * @throws MnemeError DEPENDENCY_UNAVAILABLE where it can't be told.
 */
export async function renewedByToken(
  providers: KeyProviders,
  live: readonly TenantKeyVersion[],
  command: BringKeyCommand,
): Promise<Renewal[]> {
  const isRefused = await Promise.all(live.map((key) => refuses(providers, key)));
  if (!isRefused.includes(true)) return [];
  const opened = await Promise.all(live.map((key) => underToken(providers, key, command)));
  if (!opened.some((to, i) => to && isRefused[i])) return [];
  return live.flatMap((from, i) => (opened[i] ? [{ from, to: opened[i] }] : []));
}

/** Whether a version's provider says no. @throws MnemeError where it can't be told. */
export async function refuses(providers: KeyProviders, key: TenantKeyVersion): Promise<boolean> {
  try {
    await unwrapVersion(providers, key);
    return false;
  } catch (error) {
    if (!isRevocation(error)) throw asHeard(error);
    return true;
  }
}

/** @returns undefined where the token does not open the version. */
async function underToken(
  providers: KeyProviders,
  key: TenantKeyVersion,
  { reference, token }: BringKeyCommand,
): Promise<TenantKeyVersion | undefined> {
  if (!key.brought) return undefined;
  try {
    const to = { ...key, brought: { reference, token: await sealToken(providers, key, token) } };
    return (await refuses(providers, to)) ? undefined : to;
  } catch (error) {
    throw asHeard(error);
  }
}
