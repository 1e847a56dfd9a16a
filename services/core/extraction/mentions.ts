import { containsWord } from "../language/contains-word.ts";
import type { EntityMention, RelationMention } from "../memory/memory.ts";
import { entitiesOf, namesInside } from "./embedded/names/entities.ts";
import { relationsOf } from "./embedded/names/relations.ts";

/** What a statement mentions, and what it tells of it. */
export interface Mentions {
  readonly entities: readonly EntityMention[];
  readonly relations: readonly RelationMention[];
}

/**
 * Reads a statement that was written by hand, by the rules of the embedded extractor: nobody read it in a
 * conversation, and no model is asked.
 *
 * @param before what it mentioned so far: what it still names stays an entity, of the type that it had.
 * @param speakers names of those who speak where it was said; persons among `before` count as such.
 */
export function mentionsOf(
  text: string,
  before: readonly EntityMention[],
  speakers: readonly string[],
): Mentions {
  const kept = before.filter(({ name }) => containsWord(text, name));
  const persons = kept.filter(({ type }) => type === "person").map(({ name }) => name);
  const subjects = [...new Set([...persons, ...speakers])];
  const known = new Set([...namesInside([text]), ...kept.map(({ name }) => name.toLowerCase())]);
  const entities = new Map(kept.map((entity) => [entity.name.toLowerCase(), entity]));
  for (const entity of entitiesOf(text, subjects, known)) {
    const earlier = entities.get(entity.name.toLowerCase());
    if (!earlier || earlier.type === "other") entities.set(entity.name.toLowerCase(), entity);
  }
  const all = [...entities.values()];
  // Adds the ends of relations that are no entities yet.
  const relations = relationsOf(text, all, subjects);
  return { entities: all, relations };
}
