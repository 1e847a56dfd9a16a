import { createHash } from "node:crypto";
import type { Scope } from "./scope.ts";

/** What memory can be shared with beside teams: a whole project, or all projects of a tenant. */
export type SharedWith = NonNullable<Scope["sharedWith"]>;

/**
 * Under which team's id the memory is kept that is shared with a whole project or tenant: `wide_scope` of the record. It is
 * no id of the project or tenant, for a grant to a project is one to its keys.
 */
export function wideScope(sharing: string): string {
  const hex = createHash("sha256").update(`wide/${sharing}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

/** As `wideScope`, of whatever a scope is shared with; undefined where it is with neither. */
export function wideScopeOf(
  { sharedWith }: Scope,
  { tenantId, projectId }: { readonly tenantId: string; readonly projectId: string },
): string | undefined {
  if (sharedWith === undefined) return undefined;
  return wideScope(sharedWith === "tenant" ? tenantId : projectId);
}
