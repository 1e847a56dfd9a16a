import type { Tenancy } from "../tenancy/caller.ts";
import type { Settings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import { placesOf } from "./layers.ts";
import type { Degradation, SearchCommand } from "./search-request.ts";
import type { ResolvedScope, SearchStore } from "./search-store.ts";

export interface SearchedScope extends ResolvedScope {
  /** Languages of other projects whose memories may be found. */
  readonly otherLanguages: readonly (string | undefined)[];
  readonly degraded: readonly Degradation[];
}

const OTHER_EMBEDDER: Degradation = {
  part: "embedder",
  effect: "without what is shared with the tenant: the default project, where it lies, has another embedder",
};

/**
 * Finds whom a search is about, and where shared layers are taken along the places to look in.
 *
 * @param ofProject settings of the project that is searched in.
 * @returns undefined where there is nothing to show.
 */
export async function resolveScope(
  { search, settings }: { readonly search: Pick<SearchStore, "resolve">; readonly settings: SettingsOf },
  tenancy: Tenancy,
  { scope, layers = [] }: Pick<SearchCommand, "scope" | "layers">,
  ofProject: Settings,
  signal?: AbortSignal,
): Promise<SearchedScope | undefined> {
  const nothingElse = { otherLanguages: [], degraded: [] };
  if (layers.length === 0) {
    const found = await search.resolve(tenancy, scope, signal);
    return found && { ...found, ...nothingElse };
  }
  const found = await search.resolve(tenancy, scope, signal, { isLenient: true });
  if (!found) return undefined;
  const places = placesOf(tenancy, scope, found, layers);
  const elsewhere = places.find(({ projectId }) => projectId !== tenancy.projectId);
  const there = elsewhere && (await settings.of(tenancy.tenantId, elsewhere.projectId));
  // Vectors of two models are never compared.
  const isOther = there !== undefined && there.models?.embedder !== ofProject.models?.embedder;
  const searched = isOther ? places.filter((place) => place !== elsewhere) : places;
  if (searched.length === 0) return undefined;
  const further = isOther
    ? { otherLanguages: [], degraded: [OTHER_EMBEDDER] }
    : { otherLanguages: there ? [there.language] : [], degraded: [] };
  return { ...found, ids: { ...found.ids, places: searched }, ...further };
}
