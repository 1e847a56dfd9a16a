import type { Turn } from "../../extractor.ts";
import { callNames } from "../lead-ins.ts";
import { companyOf } from "./company.ts";
import { type Persons, UNKNOWN } from "./persons.ts";
import { saidToSeveral } from "./several.ts";

/** How a turn's speaker is named in statements: the given name, or the role. */
export function speakerName(turn: Turn): string {
  const name = turn.name?.normalize("NFC").replace(/\s+/g, " ").trim();
  if (name) return name;
  if (turn.role === "user") return "the user";
  return turn.role === "tool" ? "the tool" : "the assistant";
}

/** Who speaks to whom in a stretch of turns; looks each turn up once. */
export class Cast {
  /** Everyone who speaks, in order of appearance. */
  readonly speakers: readonly string[];
  readonly #turns: readonly Turn[];
  readonly #names: readonly string[];
  readonly #persons = new Map<number, Persons>();

  constructor(turns: readonly Turn[]) {
    this.#turns = turns;
    this.#names = turns.map(speakerName);
    this.speakers = [...new Set(this.#names)];
  }

  /** Who "I", "you" and "we" are in a turn. */
  persons(index: number): Persons {
    const known = this.#persons.get(index);
    if (known) return known;
    const turn = this.#turns[index];
    const speaker = this.#names[index];
    if (!turn || speaker === undefined) throw new RangeError("no such turn");
    const addressee = this.#addressee(turn, index, speaker);
    const company = companyOf(turn.text, speaker, addressee);
    const persons = {
      speaker,
      addressee,
      group: `${speaker} and others`,
      company,
      several: saidToSeveral(turn.text),
    };
    this.#persons.set(index, persons);
    return persons;
  }

  /**
   * Whom the turn calls by name, else who spoke before it in the session, else who speaks next. Who speaks alone and
   * greets nobody speaks to an assistant, whose answers the application does not hand over.
   */
  #addressee(turn: Turn, index: number, speaker: string): string {
    const others = this.speakers.filter((name) => name !== speaker);
    const called = others.length > 1 ? others.find((name) => callsByName(turn.text, name)) : undefined;
    if (called) return called;
    const neighbour = this.#neighbour(turn, index, speaker, -1) ?? this.#neighbour(turn, index, speaker, 1);
    if (neighbour) return neighbour;
    if (others.length === 1 && others[0]) return others[0];
    if (turn.role === "assistant") return "the user";
    const toSeveral = turn.name !== undefined && saidToSeveral(turn.text).length > 0;
    return greeted(turn.text) ?? (toSeveral ? UNKNOWN : "the assistant");
  }

  #neighbour(turn: Turn, index: number, speaker: string, step: 1 | -1): string | undefined {
    for (let i = index + step; this.#turns[i]?.sessionId === turn.sessionId && i >= 0; i += step) {
      if (i >= this.#turns.length) return undefined;
      if (this.#names[i] !== speaker && this.#turns[i]?.role !== "system") return this.#names[i];
    }
    return undefined;
  }
}

function callsByName(text: string, name: string): boolean {
  const forms = callNames([name]);
  const calls = text.matchAll(
    /(?:^|[.!?] |\b(?:hey|hi|hello|thanks|wow|yeah|yes|oh),? )(\p{Lu}\p{L}+)[,!.]|, (\p{Lu}\p{L}+)[.!?,]/giu,
  );
  for (const [, front, end] of calls) if (forms.has((front ?? end ?? "").toLowerCase())) return true;
  return false;
}

function greeted(text: string): string | undefined {
  return /^(?:(?:hey|hi|hello|dear|morning|thanks)[, ]+(\p{Lu}\p{Ll}+)\s*[,!.]|(\p{Lu}\p{Ll}+)!+ )/u
    .exec(text)
    ?.slice(1)
    .find(Boolean);
}
