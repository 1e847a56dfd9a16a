import { awaitFreshness } from "../freshness/await-freshness.ts";

import type { Tenancy } from "../tenancy/caller.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { SearchDeps } from "./search-memories.ts";
import type { SearchCommand } from "./search-request.ts";

/**
 * What the reads of a project's memories go by: its settings and the view of its embedder, once the index is as fresh
 * as asked.
 *
 * @throws MnemeError FRESHNESS_TOKEN_INVALID, FRESHNESS_TIMEOUT.
 */
export async function openSearch(
  given: SearchDeps,
  tenancy: Tenancy,
  { atLeastAsFresh, deadline }: Pick<SearchCommand, "atLeastAsFresh" | "deadline">,
  signal: AbortSignal | undefined,
): Promise<{ readonly ofProject: Awaited<ReturnType<SettingsOf["of"]>>; readonly deps: SearchDeps }> {
  const ofProject = await given.settings.of(tenancy.tenantId, tenancy.projectId);
  const deps = { ...given, ...given.viewFor?.(ofProject.models?.embedder) };
  if (atLeastAsFresh !== "") await awaitFreshness(deps, tenancy, atLeastAsFresh, deadline, signal);
  return { ofProject, deps };
}
