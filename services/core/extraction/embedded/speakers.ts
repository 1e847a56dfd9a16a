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

/** Distinct speakers of some turns, in order of appearance. */
export function speakersOf(turns: readonly Turn[]): string[] {
  return [...new Set(turns.map((turn) => speakerName(turn)))];
}

/** Who "I", "you" and "we" are in `turns[index]`. */
export function personsOf(turns: readonly Turn[], index: number): Persons {
  const turn = turns[index];
  if (!turn) throw new RangeError("no such turn");
  const speaker = speakerName(turn);
  const addressee = addresseeOf(turns, index, speaker);
  return { speaker, addressee, group: groupOf(turn.text, speaker, addressee) };
}

/** Whom the turn calls by name, else who spoke before it in the session, else who speaks next. */
function addresseeOf(turns: readonly Turn[], index: number, speaker: string): string {
  const turn = turns[index] as Turn;
  const others = speakersOf(turns).filter((name) => name !== speaker);
  const called = others.find((name) => callsByName(turn.text, name));
  if (called) return called;
  const same = (other: Turn | undefined) => other !== undefined && other.sessionId === turn.sessionId;
  for (let i = index - 1; i >= 0 && same(turns[i]); i -= 1) {
    const name = speakerName(turns[i] as Turn);
    if (name !== speaker) return name;
  }
  for (let i = index + 1; i < turns.length && same(turns[i]); i += 1) {
    const name = speakerName(turns[i] as Turn);
    if (name !== speaker) return name;
  }
  if (others.length === 1 && others[0]) return others[0];
  if (turn.role === "assistant") return "the user";
  return greeted(turn.text) ?? (turn.name ? "the other person" : "the assistant");
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
  if (
    /\b(?:we|let's|let us) (?:should|could|can|must|have to|need to|\w+ )?\s?(?:meet|catch up|hang out|get together|grab|do it together)\b/i.test(
      plain,
    )
  )
    return `${speaker} and ${addressee}`;
  return `${speaker} and others`;
}
