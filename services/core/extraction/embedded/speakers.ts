import type { Turn } from "../extractor.ts";
import { callNames } from "./lead-ins.ts";
import type { Persons } from "./person.ts";

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
    const persons = { speaker, addressee, group: groupOf(turn.text, speaker, addressee) };
    this.#persons.set(index, persons);
    return persons;
  }

  /** Whom the turn calls by name, else who spoke before it in the session, else who speaks next. */
  #addressee(turn: Turn, index: number, speaker: string): string {
    const others = this.speakers.filter((name) => name !== speaker);
    const called = others.length > 1 ? others.find((name) => callsByName(turn.text, name)) : undefined;
    if (called) return called;
    const neighbour = this.#neighbour(turn, index, speaker, -1) ?? this.#neighbour(turn, index, speaker, 1);
    if (neighbour) return neighbour;
    if (others.length === 1 && others[0]) return others[0];
    if (turn.role === "assistant") return "the user";
    return greeted(turn.text) ?? (turn.name ? "the other person" : "the assistant");
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
  return /^(?:hey|hi|hello|dear)[, ]+(\p{Lu}\p{Ll}+)\s*[,!.]/iu.exec(text)?.[1];
}

/** "My sister and I", "with my kids": who is with the speaker; "others" where the turn does not say. */
function groupOf(text: string, speaker: string, addressee: string): string {
  const plain = text.replaceAll("’", "'");
  const companion =
    /\b(my (?:\w+ )?\w+) and (?:I|me)\b/i.exec(plain)?.[1] ??
    /\b(?:me|I) and (my (?:\w+ )?\w+)\b/i.exec(plain)?.[1] ??
    /\b(?:with|took|brought|join(?:ed)?) (my (?:best |old |close |whole |little |older |younger |big |two |three )?(?:family|wife|husband|partner|girlfriend|boyfriend|fianc[eé]e?|kids?|children|son|daughter|sons|daughters|mom|mum|mother|dad|father|parents|sister|brother|siblings|friends?|cousins?|team|teammates|colleagues?|coworkers?|roommates?|grandm\w+|grandp\w+|niece|nephew|aunt|uncle|class|classmates|students|dog|dogs))\b/i.exec(
      plain,
    )?.[1] ??
    /\b(?:my|our) (family)\b/i.exec(plain)?.[0];
  if (companion) return `${speaker} and ${companion.replace(/^(?:my|our) /i, "their ")}`;
  if (WITH_ADDRESSEE.test(plain)) return `${speaker} and ${addressee}`;
  return `${speaker} and others`;
}

/** "We should meet", "since we last talked": the two who speak. */
const WITH_ADDRESSEE =
  /\b(?:we|let's|let us) (?:(?:should|could|can|must|have to|need to|will|last|first|both) )*(?:meet|met|catch up|hang out|get together|grab|chat|chatted|talk|talked|spoke|share|both)\b/i;
