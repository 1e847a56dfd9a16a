import type { Turn } from "../extractor.ts";
import { isToAssistant } from "./kept.ts";
import { composeLead, type Lead } from "./lead.ts";
import { callNames } from "./lead-ins.ts";
import { namesInside } from "./names/entities.ts";
import { wordCount } from "./people/groups.ts";
import { lastNamed } from "./people/last-named.ts";
import { type Persons, personsAt } from "./people/persons.ts";
import { Cast } from "./people/speakers.ts";
import { type Segment, type SegmentedTurn, segment } from "./segments.ts";

/** A longer sentence would take more room than what it leads in. */
const LEAD_WORDS = 20;
/** So many of the longest words would as well. In UTF-16 code units. */
const LEAD_LENGTH = 300;
/** Turns back in which "she" is looked for. */
const NAME_REACH = 4;

/** Turns in order: what each holds, who speaks to whom, and what stands before. */
export class Thread {
  /** Forms by which the speakers are called, lower-cased. */
  readonly callable: ReadonlySet<string>;
  /** Names that the turns write inside a sentence, lower-cased. */
  readonly names: ReadonlySet<string>;
  readonly #turns: readonly Turn[];
  readonly #cast: Cast;
  readonly #segmented = new Map<number, SegmentedTurn>();

  constructor(turns: readonly Turn[]) {
    this.#turns = turns;
    this.#cast = new Cast(turns);
    this.callable = callNames(this.#cast.speakers);
    this.names = namesInside(turns.map((turn) => turn.text));
  }

  persons(index: number): Persons {
    return this.#cast.persons(index);
  }

  /** A turn's sentences. */
  segments(index: number): SegmentedTurn {
    const known = this.#segmented.get(index) ?? this.#segment(index);
    this.#segmented.set(index, known);
    return known;
  }

  #segment(index: number): SegmentedTurn {
    const turn = this.#turns[index];
    return segment(turn?.text ?? "", this.callable, !turn || !isToAssistant(turn, this.persons(index)));
  }

  /** A sentence of the same turn as what leads the next one in. */
  leadWithin(segment: Segment | undefined, index: number): Lead | undefined {
    return this.#lead(segment, index, index, this.persons(index));
  }

  /** The last sentence of the turn before, in the same session. */
  before(index: number): Lead | undefined {
    const before = this.#turns[index - 1];
    if (!before || before.sessionId !== this.#turns[index]?.sessionId || before.role === "system")
      return undefined;
    const returned = this.#returned(index);
    if (returned) return returned;
    const told = this.segments(index - 1).segments.filter((s) => !s.small || s.kind === "question");
    // "Are you coming? I made lasagna." - "Yes!"
    const { segments, answer } = this.segments(index);
    const asked = answer && segments.every((s) => s.small) && told.findLast((s) => s.kind === "question");
    const last = told.findLast((s) => s.kind !== "image") ?? told.at(-1);
    const lead = this.#lead(asked || last, index - 1, index, this.persons(index - 1));
    return lead?.own && lead.kind === "question" ? undefined : lead;
  }

  /** "What do you do?" - "I'm a plumber. You?" asks the one who asked. */
  #returned(index: number): Lead | undefined {
    const asker = this.#turns[index - 2];
    if (!this.segments(index - 1).returns || asker?.sessionId !== this.#turns[index]?.sessionId)
      return undefined;
    if (this.persons(index - 2).speaker !== this.persons(index).speaker) return undefined;
    const question = this.segments(index - 2).segments.findLast((s) => s.kind === "question");
    return question && OF_YOU.test(question.text)
      ? this.#lead(question, index - 2, index, this.persons(index - 1))
      : undefined;
  }

  /** @param persons of the turn in whose words the sentence is to be read. */
  #lead(segment: Segment | undefined, at: number, index: number, persons: Persons): Lead | undefined {
    const turn = this.#turns[at];
    if (!turn || !segment || wordCount(segment) > LEAD_WORDS) return undefined;
    if (segment.end - segment.start > LEAD_LENGTH) return undefined;
    const { asksAboutPerson, ...lead } = composeLead(segment, personsAt(persons, segment), turn.sentAt);
    return {
      ...lead,
      own: persons.speaker === this.persons(index).speaker,
      about: asksAboutPerson ? this.#personNamed(index) : undefined,
      source: { messageId: turn.messageId, start: segment.start, end: segment.end },
    };
  }

  /** Whom "she" means: the only one named in the turns before, a few at most; nobody where two were. */
  #personNamed(index: number): string | undefined {
    const session = this.#turns[index]?.sessionId;
    const named = new Set<string>();
    for (let i = index - 1; i >= Math.max(0, index - NAME_REACH); i -= 1) {
      const turn = this.#turns[i];
      if (turn?.sessionId !== session) break;
      // "Who is Lou?" - "My cousin." are one person.
      const asked = this.#turns[i - 1];
      if (asked?.sessionId === session && WHO_IS.test(asked?.text ?? "")) continue;
      const name = lastNamed(turn?.text ?? "", this.persons(i).speaker, this.callable, this.names);
      if (name) named.add(name);
    }
    return named.size === 1 ? [...named][0] : undefined;
  }
}

const WHO_IS = /\b[Ww]ho(?:'s|’s| is| was) \p{Lu}\p{L}+\?\s*$/u;
const OF_YOU = /\b(?:you|your|yours)\b/i;
