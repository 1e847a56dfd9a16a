import type { Pointing } from "./anaphora.ts";
import type { ResolvedDate } from "./dates/phrases.ts";
import type { Focus } from "./people/person.ts";
import type { Persons } from "./people/persons.ts";
import { pictureOf } from "./picture.ts";
import type { Segment } from "./segments.ts";
import { unveil } from "./verbatim.ts";

/** A sentence, rewritten. */
export interface Part {
  readonly text: string;
  /** Before the addressee. */
  readonly namesSpeaker: boolean;
  readonly outside: Pointing;
  readonly phrase: boolean;
  /** Another's words. */
  readonly quoted: boolean;
  /** Starts with "it", "there", "they": what is said of whom comes late. */
  readonly opensVaguely: boolean;
  readonly words: number;
  readonly dates: readonly ResolvedDate[];
  readonly focus: Focus;
}

/** Another's words. */
export function quotation(segment: Segment): Part {
  const text = unveil(segment.text, segment.verbatim);
  return {
    text,
    namesSpeaker: false,
    outside: undefined,
    phrase: true,
    quoted: true,
    opensVaguely: false,
    words: text.split(" ").length,
    dates: [],
    focus: { who: undefined, alone: false },
  };
}

/** What is told in another language: no rule reads it. */
export function inOwnWords(segment: Segment, persons: Persons): Part {
  const asks = segment.kind === "question";
  const head = asks ? `${persons.speaker} asked ${persons.addressee}: ` : "";
  return {
    text: unveil(finish(head + segment.text), segment.verbatim),
    namesSpeaker: asks,
    outside: undefined,
    phrase: !asks,
    quoted: false,
    opensVaguely: false,
    words: segment.text.split(" ").length,
    dates: [],
    focus: { who: undefined, alone: false },
  };
}

/** "Maya shared a picture of two dogs." */
export function image(segment: Segment, persons: Persons, focus: Focus): Part {
  const what = pictureOf(segment.text);
  return {
    text: finish(`${persons.speaker} shared ${what}`),
    namesSpeaker: true,
    outside: undefined,
    phrase: false,
    quoted: false,
    opensVaguely: false,
    words: what.split(" ").length,
    dates: [],
    focus: { who: focus.who ?? "speaker", alone: focus.alone },
  };
}

/** In any script. */
const STOPPED = /[.?…。！？．｡।॥؟۔]["'」』”’)]*$/u;

/** With one stop, without the exclamation. */
export function finish(text: string): string {
  const trimmed = text
    .trim()
    .replace(/[\s,;:-]+$/, "")
    .replace(/!+(?=["')]*$)/, ".");
  return STOPPED.test(trimmed) ? trimmed : `${trimmed}.`;
}
