import type { MadeApiKey } from "./access.ts";
import type { LimitsPatch } from "./settings.ts";
import type { ServedState, Tenant } from "./tenancy.ts";

/** A new tenant, with its administrator's key, which has the roles admin and auditor. */
export interface MadeTenant extends MadeApiKey {
  readonly tenant: Tenant;
}

/** What of a tenant the operator may change. */
export interface OperatedTenantPatch {
  readonly state?: ServedState | undefined;
  /** Null clears all of them. */
  readonly limits?: LimitsPatch | null | undefined;
}

/** Where to move a tenant's index: a pool that tenants share (up to 32 lower-case letters and digits), or its own. */
export type MoveTarget = { readonly pool: string } | { readonly ownIndex: true };

/** Where a tenant's index lies. */
export interface Placement {
  readonly tenantId: string;
  /** The pool that it is read from. */
  readonly pool: string;
  /** The pool that it moves to; undefined while it does not move. */
  readonly movingTo: string | undefined;
  /** Undefined if it never moved. */
  readonly updateTime: Date | undefined;
}
