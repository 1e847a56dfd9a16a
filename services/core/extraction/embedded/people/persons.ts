import type { Stretch } from "../language.ts";
import type { Company } from "./company.ts";

/** Who "I", "you" and "we" are in a turn. */
export interface Persons {
  /** A name, or "the user", "the assistant". */
  readonly speaker: string;
  readonly addressee: string;
  /** Who is meant by "we" where the turn does not say: "Maya and others". */
  readonly group: string;
  /** Where it does: "Maya and their sister". */
  readonly company: readonly Company[];
  /** Where the turn says "you two", "you all". */
  readonly several: readonly Stretch[];
}

/** Those persons as one sentence of their turn means them. */
export function personsAt(persons: Persons, { start }: { readonly start: number }): Persons {
  const holds = (stretch: Pick<Stretch, "start" | "end">) => stretch.start <= start && start < stretch.end;
  const group = persons.company.find(holds)?.group ?? persons.group;
  return {
    ...persons,
    group,
    addressee: persons.several.some(holds) ? severalOf(persons) : persons.addressee,
  };
}

function severalOf({ addressee }: Persons): string {
  return addressee === UNKNOWN ? "the others" : `${addressee} and others`;
}

/** "Ana and Ben", "Ana, Ben and others": those who speak. */
export function together({ speaker, addressee }: Persons): string {
  return addressee.endsWith(" and others") ? `${speaker}, ${addressee}` : `${speaker} and ${addressee}`;
}

/** Whom a turn speaks to where nobody else does. */
export const UNKNOWN = "the other person";

/** "Emil and others", "the others". */
export function isSeveral(name: string): boolean {
  return / others$/.test(name);
}
