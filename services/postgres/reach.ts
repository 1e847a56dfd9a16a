import type { Reach, Tenancy } from "@mneme/core/tenancy/caller.ts";
import { credentialTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";

/** What a transaction may see, as its settings say and row-level security enforces. */
export interface Fence {
  readonly tenantId: string;
  /** Undefined: all of the tenant's. */
  readonly projectId?: string | undefined;
  /** Undefined: everybody. */
  readonly subjectId?: string | undefined;
  /** Whom grants are looked up for; undefined: every team's memory is reached. */
  readonly principals?: readonly string[] | undefined;
}

/** Background work reaches all of its tenant; a call what its credentials reach. */
export function fenceOf({ tenantId, projectId, reach }: Tenancy): Fence {
  if (!reach) return { tenantId };
  return { tenantId, projectId, subjectId: reach.subject?.id, principals: reach.principals };
}

/**
 * Whom a call speaks for once its scope is known: also the user, agent and app that it names. A user's token speaks for
 * that user alone, whatever it names.
 */
export function principalsOf(reach: Reach | undefined, ids: ScopeIds): readonly string[] | undefined {
  if (!reach || reach.subject) return reach?.principals;
  return [...reach.principals, ids.subject?.id, ids.agentId, ids.appId].filter((id) => id !== undefined);
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * The statements that put a fence up, for the transaction they stand in. Where the work at hand holds credentials, the
 * fence is that tenant's, whatever is asked for.
 *
 * @throws Error for anything else than UUIDs: they stand in the text.
 */
export function fenceStatements(fence: Fence): string {
  const { projectId, subjectId, principals } = fence;
  const tenantId = credentialTenant() ?? fence.tenantId;
  const set = (name: string, value: string) => `set local mneme.${name} = '${value}'`;
  return [
    set("tenant_id", uuid(tenantId)),
    ...(projectId === undefined ? [] : [set("project_id", uuid(projectId))]),
    ...(subjectId === undefined ? [] : [set("subject_id", uuid(subjectId))]),
    ...(principals === undefined ? [] : [set("principals", `{${principals.map(uuid).join()}}`)]),
  ].join("; ");
}

function uuid(id: string): string {
  if (!UUID.test(id)) throw new Error("a fence is made of UUIDs");
  return id;
}
