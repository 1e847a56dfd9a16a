import type { EntityMention } from "../../memory/memory.ts";
import type { Persons } from "./person.ts";
export function entitiesOf(_text: string, _persons: Persons): EntityMention[] {
  return [];
}
