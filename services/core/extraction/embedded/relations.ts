import type { EntityMention, RelationMention } from "../../memory/memory.ts";
import type { Persons } from "./person.ts";
export function relationsOf(
  _text: string,
  _entities: readonly EntityMention[],
  _persons: Persons,
): RelationMention[] {
  return [];
}
