import { ownedThing, possessedBy } from "../possessions.ts";
import { AN_OWNER, unmarked } from "./marked-names.ts";

/** Somebody's thing in a marked text. */
export const OWNED_MARKED = possessedBy(AN_OWNER);

/** What somebody's thing is called where "his" and "their" are the owner's. */
export function ownedBy(end: string | undefined, owner: string | undefined): string | undefined {
  return end === undefined ? undefined : ownedThing(unmarked(end), owner && unmarked(owner))?.name;
}
