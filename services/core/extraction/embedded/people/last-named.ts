import { entitiesOf } from "../names/entities.ts";
import { KIN, PET } from "../names/entity-types.ts";
import { normalize } from "../normalize.ts";
import { possessive } from "./person.ts";

const RELATED = new RegExp(
  `\\b(?:my|our) ((?:(?:older|younger|little|big|best|new) )?(?:${KIN}|${PET}))\\b`,
  "gi",
);

/** The person or animal that a text names last, no participant: "Pixel", "Maya's grandmother". */
export function lastNamed(
  text: string,
  speaker: string,
  callable: ReadonlySet<string>,
  names: ReadonlySet<string>,
): string | undefined {
  const plain = normalize(text);
  const name = entitiesOf(plain, [], names).findLast(
    (entity) =>
      /^(?:person|animal|other)$/.test(entity.type) &&
      /^\p{Lu}\p{Ll}+$/u.test(entity.name) &&
      !callable.has(entity.name.toLowerCase()),
  )?.name;
  const related = [...plain.matchAll(RELATED)].at(-1);
  if (!related || (name && plain.lastIndexOf(name) > related.index)) return name;
  return `${possessive(speaker)} ${related[1]}`;
}
