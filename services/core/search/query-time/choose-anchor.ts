import { addDays } from "../../extraction/embedded/dates/calendar.ts";
import { wordsOf } from "../words.ts";
import { type EventAnchor, withoutEnding } from "./event-anchor.ts";
import type { TimeSpan } from "./time-span.ts";

/** What a memory tells of an event. */
export interface AnchorMemory {
  readonly text: string;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
}

/** "I" is none. */
const NAMES = /(?<![\p{L}\p{N}'’])\p{Lu}(?=[\p{L}\p{N}'-]*\p{L})(?!['’])[\p{L}\p{N}-]+/gu;
/** Share of the event's words that its memory holds. */
const LEAST_SHARE = 0.5;

/** A statement of what is so since an event need not name it: who moved lives elsewhere. */
const SAID_AS: readonly (readonly string[])[] = [
  "move moved moving relocate live lives reside",
  "start join hire hired begin began work job employ",
  "leave left quit resign fired retire work job",
  "marry married wedding wed husband wife spouse",
  "divorce separate split ex-husband ex-wife",
  "graduate graduation degree study studies college university school",
  "born birth baby newborn",
  "adopt adoption pet dog cat puppy kitten",
  "buy bought own owns purchase",
  "die died death funeral pass",
].map((group) => group.split(" ").map(withoutEnding));

/**
 * The memory that tells of an event best: that holds most of its words, or words that say the same; of equal ones the
 * first. Undefined where none holds half of them.
 *
 * @param memories best first.
 */
export function chooseAnchor<M extends AnchorMemory>(
  { words, phrase }: EventAnchor,
  memories: readonly M[],
): M | undefined {
  const names = [...phrase.matchAll(NAMES)].flatMap(([name]) => wordsOf(name)).map(withoutEnding);
  let best: { readonly memory: M; readonly share: number } | undefined;
  for (const memory of memories) {
    const held = new Set(wordsOf(memory.text).map(withoutEnding));
    // "Before I moved to Mars" is not told by another move.
    if (!names.every((name) => held.has(name))) continue;
    const told = words.map((word) => (held.has(word) ? 1 : saysAs(word, held) ? 0.9 : 0));
    const share = told.reduce<number>((sum, one) => sum + one, 0) / words.length;
    if (share >= LEAST_SHARE && share > (best?.share ?? 0)) best = { memory, share };
  }
  return best?.memory;
}

function saysAs(word: string, held: ReadonlySet<string>): boolean {
  return SAID_AS.some((group) => group.includes(word) && group.some((other) => held.has(other)));
}

/** Days around an event that "when" covers where it names no state with an end. */
const AROUND_DAYS = 30;

/** "After Leeds" is after the time there; "after I moved to Leeds" tells of its beginning. */
const BARE_NAME = /^\p{Lu}[\p{L}']*(?: \p{Lu}[\p{L}']*)*$/u;

/** The time that an event gives. What "when" means lasts as long as it was so, or some time about its beginning. */
export function anchoredSpan(
  { relation, phrase }: EventAnchor,
  { validFrom, validTo }: AnchorMemory,
): TimeSpan {
  if (relation === "before") return { from: undefined, to: validFrom };
  if (relation === "after") return { from: (BARE_NAME.test(phrase) && validTo) || validFrom, to: undefined };
  return validTo && validTo > validFrom
    ? { from: validFrom, to: validTo }
    : { from: addDays(validFrom, -AROUND_DAYS), to: addDays(validFrom, AROUND_DAYS) };
}
