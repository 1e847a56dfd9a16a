import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { SearchedScope } from "./resolve-scope.ts";
import type { Degradation } from "./search-request.ts";

const BEING_REINDEXED: Degradation = {
  part: "index",
  effect:
    "memories are being indexed anew for the project's language or embedder: some are found as they were before",
};
const HELD: Degradation = {
  part: "extractor",
  effect: "found without what was said last: that waits until a budget for models allows more",
};

const AWAY: Degradation = {
  part: "archive",
  effect: "found without what was archived while the person was away: it is coming back",
};

/** What an answer lacks whatever is asked, as far as the index and the places that it looks in are concerned. */
export function degradedBefore(
  { indexedIn }: Awaited<ReturnType<SettingsOf["of"]>>,
  { degraded }: Pick<SearchedScope, "degraded">,
  hasIndex: boolean,
): Degradation[] {
  return [...(indexedIn && hasIndex ? [BEING_REINDEXED] : []), ...degraded];
}

/** What it lacks of what was said to the scope. */
export function degradedBehind({ isHeld, isAway }: Pick<SearchedScope, "isHeld" | "isAway">): Degradation[] {
  return [...(isHeld ? [HELD] : []), ...(isAway ? [AWAY] : [])];
}
