import { type Caller, countedKey } from "../tenancy/caller.ts";
import type { Limits } from "../tenancy/limits.ts";

/** Where a limit is set; the contract's name for it in an error's metadata. */
export type Level = "tenant" | "project" | "api_key";

/** One of the limits that a call is held to. */
export interface Limit {
  readonly tenantId: string;
  readonly level: Level;
  /** The tenant's, the project's or the key's id; of a key that was rotated, the first one's. */
  readonly scopeId: string;
  readonly most: number;
}

/** What limits need to know of a caller. */
export type LimitedCaller = Pick<Caller, "tenantId" | "projectId" | "apiKeyId" | "firstKeyId" | "limits">;

interface LevelLimits {
  readonly level: Level;
  readonly scopeId: string;
  readonly limits: Limits;
}

/** @param defaults the deployment's, for tenants that have none of their own. */
export function levelsOf(caller: LimitedCaller, defaults: Limits): readonly LevelLimits[] {
  const { tenantId, projectId, limits } = caller;
  return [
    { level: "tenant", scopeId: tenantId, limits: withDefaults(limits.tenant, defaults) },
    // Credentials that reach no project are held to no project's limits.
    ...(projectId === "" ? [] : [{ level: "project" as const, scopeId: projectId, limits: limits.project }]),
    { level: "api_key", scopeId: countedKey(caller), limits: limits.apiKey },
  ];
}

/** The levels at which a limit is set; where it is not, nothing is asked. */
export function limitsFor(
  caller: LimitedCaller,
  defaults: Limits,
  name: Exclude<keyof Limits, "burst">,
): readonly Limit[] {
  return levelsOf(caller, defaults).flatMap(({ level, scopeId, limits }) => {
    const most = limits[name];
    return most === undefined ? [] : [{ tenantId: caller.tenantId, level, scopeId, most }];
  });
}

function withDefaults(own: Limits, defaults: Limits): Limits {
  // A member that is there and undefined must not hide a default.
  const set: Limits = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  // The default burst is meant for the default rate.
  const burst = set.requestsPerSecond === undefined ? defaults.burst : undefined;
  return { ...defaults, burst, ...set };
}
