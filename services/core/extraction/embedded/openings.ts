import type { Token } from "./language.ts";
import type { Lead } from "./lead.ts";
import { CALENDAR } from "./names/entities.ts";
import { knownKind } from "./names/names.ts";
import type { Segment } from "./segments.ts";
import { isModal, isPastForm } from "./verbs.ts";

/** "Will is my boss": what opens as a name is one, whatever the tagger reads in it. */
export function withNameInFront(tokens: readonly Token[]): readonly Token[] {
  return opensWithName(tokens)
    ? tokens.map((token, i): Token => (i === 0 ? { ...token, pos: "PROPN" } : token))
    : tokens;
}

const FINITE = /^(?:is|was|has|had|does|did|'s)$/;

/** "Rose and her mum came", "Will said", "May is my aunt": no act of the speaker's. */
export function opensWithName(tokens: readonly Token[]): boolean {
  const [first, next, third] = tokens;
  if (!first || !/^\p{Lu}/u.test(first.value)) return false;
  const acts = (next?.pos === "VERB" && isPastForm(next.lower)) || FINITE.test(next?.lower ?? "");
  // No "will" stands before a finite form, nor before "and I".
  if (NAMING_MODAL.test(first.lower)) return acts || (next?.lower === "and" && third?.lower === "i");
  if (knownKind(first.lower) !== "person") return acts && isModal(first.lower);
  if (next?.lower === "and") return /^(?:PROPN|PRON)$/.test(third?.pos ?? "");
  return acts;
}

const NAMING_MODAL = /^(?:will|may)$/;

/** "Meet Ida!", "Meet our new dog Bo!" show somebody; "Meet Ida at the station!" asks to go there. */
export function introduces(tokens: readonly Token[], { listed }: Segment, lead: Lead | undefined): boolean {
  const [meet, first] = tokens;
  if (meet?.lower !== "meet" || !tokens.at(-1)?.value.startsWith("!") || listed || lead?.asksOf === "you")
    return false;
  const shown = tokens.slice(1).filter(({ pos }) => pos !== "PUNCT");
  const named = shown.some(({ pos, lower }) => (pos === "PROPN" && !CALENDAR.has(lower)) || lower === "new");
  const opens = first?.pos === "PROPN" || OWN.test(first?.lower ?? "");
  return named && opens && shown.every(({ pos, lower }) => OWN.test(lower) || SHOWN.test(pos));
}

const OWN = /^(?:my|our)$/;
const SHOWN = /^(?:PROPN|NOUN|ADJ|NUM|DET|CCONJ|PART)$/;
