import type { Settings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { AgeingStore } from "./ageing-store.ts";

/** Where a walk over a tenant's projects is. */
export type WalkCursor = {
  readonly projectId?: string | undefined;
  /** What of the project was looked at last; undefined: all of it was. */
  readonly after?: string | undefined;
};

export interface WalkDeps {
  readonly store: Pick<AgeingStore, "nextProject">;
  readonly settings: SettingsOf;
}

/**
 * Finds where a walk goes on: in the project of its cursor, or in the next one whose settings have a rule for it.
 *
 * @param until by `performance.now()`.
 * @returns without a rule where the time was over: that project was passed over, and maybe none behind it. Undefined at the end.
 */
export async function walkProjects<Rule>(
  { store, settings }: WalkDeps,
  tenantId: string,
  cursor: WalkCursor,
  ruleOf: (settings: Settings) => Rule | undefined,
  { until, signal }: { readonly until: number; readonly signal?: AbortSignal | undefined },
): Promise<{ readonly projectId: string; readonly rule: Rule | undefined } | undefined> {
  let projectId = cursor.after
    ? cursor.projectId
    : await store.nextProject(tenantId, cursor.projectId, signal);
  while (projectId !== undefined) {
    const rule = ruleOf(await settings.of(tenantId, projectId));
    if (rule !== undefined || performance.now() >= until) return { projectId, rule };
    projectId = await store.nextProject(tenantId, projectId, signal);
  }
  return undefined;
}
