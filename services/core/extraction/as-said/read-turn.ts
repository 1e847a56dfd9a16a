import { datesIn, type FoundDate, isoOf, spanOfDate } from "../../language/dates.ts";
import { languageOf } from "../../language/languages.ts";
import { countWords } from "../../language/read-text.ts";
import type { EntityMention, MemoryOrigin, SourceSpan } from "../../memory/memory.ts";
import type { Statement, Turn } from "../extractor.ts";
import { packRest } from "../pack-rest.ts";
import type { SensitiveKind } from "../sensitive/sensitive-kind.ts";
import { sensitiveApart } from "../sensitive/told-apart.ts";
import { LONGEST } from "./sentences.ts";
import { inGroups, labelOf, type Said, saidIn, told } from "./turn.ts";

export interface AsSaidLimits {
  /** As of `EmbeddedExtractorOptions`. */
  readonly statementWords: number;
  readonly statementsPerTurn: number;
  /** As of `ExtractionInput`. */
  readonly keptOut?: readonly SensitiveKind[] | undefined;
}

/** A turn with what was said right before it in its session. */
export interface TurnInPlace {
  readonly turn: Turn;
  readonly before: Turn | undefined;
  /** Names of all who speak. */
  readonly speakers: readonly string[];
}

/** A turn with its neighbour in the same session, and who speaks in all of them. */
export function inPlace(turns: readonly Turn[], index: number): TurnInPlace {
  const turn = turns[index] as Turn;
  const previous = turns[index - 1];
  const before = previous && previous.sessionId === turn.sessionId ? previous : undefined;
  const names = turns.flatMap(({ name }) => name?.normalize("NFC").trim() || []);
  return { turn, before, speakers: [...new Set(names)] };
}

/** An answer of at most this many words needs its question. */
const SHORT_ANSWER = 8;
/** A longer question would take more room than its answer. */
const LONGEST_QUESTION = 20;

/**
 * Writes a turn down in its own words, behind the name of who said it. What a rule knows as small talk is left out; what
 * is asked is kept where an assistant is asked. A day that is told from the day of the turn gets its date in brackets.
 */
export function readAsSaid(
  { turn, before, speakers }: TurnInPlace,
  tag: string,
  limits: AsSaidLimits,
): Statement[] {
  if (turn.role === "system") return [];
  const asked = questionOf(turn, before, tag);
  const all = saidIn(turn.text, tag);
  const telling = all.filter((one) => !one.isSmall && (!one.asks || one.isRequest || asksAssistant(turn)));
  // "Yes." tells what was asked.
  const replies =
    asked && telling.length === 0 ? all.filter((one) => !one.asks && /\p{L}/u.test(one.text)) : telling;
  // People who talk to each other need what was said around it.
  const selfApart = turn.role === "user" && speakers.length <= 1;
  const apart = inGroups(replies, tag, { words: limits.statementWords, characters: LONGEST, selfApart });
  const groups = packRest(apart, limits.statementsPerTurn, LONGEST);
  return sensitiveApart(groups, turn.text, limits.keptOut).map((group, i) =>
    statementOf(turn, group, tag, speakers, i === 0 ? asked : undefined),
  );
}

/** People's questions to each other tell little; what an assistant is asked tells of who asks. */
function asksAssistant({ role, name }: Turn): boolean {
  return role === "user" && !name;
}

interface Asked {
  readonly text: string;
  readonly source: SourceSpan;
}

/** The question that a short turn answers. */
function questionOf(turn: Turn, before: Turn | undefined, tag: string): Asked | undefined {
  const language = languageOf(tag);
  if (!before || before.role === "system" || countWords(turn.text, language) > SHORT_ANSWER) return undefined;
  const last = saidIn(before.text, tag).at(-1);
  if (!last?.asks || last.isSmall || countWords(last.text, language) > LONGEST_QUESTION) return undefined;
  const { start, end, text } = last;
  return {
    text: told(labelOf(before, tag), flat(text)),
    source: { messageId: before.messageId, start, end },
  };
}

function statementOf(
  turn: Turn,
  group: readonly Said[],
  tag: string,
  speakers: readonly string[],
  asked: Asked | undefined,
): Statement {
  const { start, end } = { start: group[0]?.start ?? 0, end: group.at(-1)?.end ?? 0 };
  const dates = group.flatMap(({ text }) => datesIn(text, tag, turn.sentAt));
  const between = languageOf(tag).isSpaced ? " " : "";
  const own = group.map(({ text }) => dated(flat(text), tag, turn.sentAt)).join(between);
  const text = asked ? `${asked.text} – ${told(labelOf(turn, tag), own)}` : told(labelOf(turn, tag), own);
  const sources: SourceSpan[] = [{ messageId: turn.messageId, start, end }];
  if (asked) sources.push(asked.source);
  const origin = originOf(turn);
  const asks = group.every((one) => one.asks);
  return {
    text,
    kind: dates.length > 0 ? "episodic" : "semantic",
    category: "other",
    confidence: origin === "inferred" ? 0.6 : 0.8,
    importance: importanceOf(origin, asks, dates),
    origin,
    entities: speakers.flatMap((name): EntityMention[] =>
      text.includes(name) ? [{ name, type: "person" }] : [],
    ),
    relations: [],
    sources,
    valid: { from: since(dates, turn.sentAt), to: undefined },
    embeddingText: text,
  };
}

/** As the embedded rules weigh what they don't understand. */
function importanceOf(origin: MemoryOrigin, asks: boolean, dates: readonly FoundDate[]): number {
  const importance =
    0.3 + (dates.length > 0 ? 0.1 : 0) - (asks ? 0.2 : 0) - (origin === "inferred" ? 0.2 : 0);
  return Math.max(0.05, Math.round(importance * 100) / 100);
}

function originOf({ role, name }: Turn): MemoryOrigin {
  if (role === "tool") return "tool";
  return role === "assistant" && !name ? "inferred" : "stated";
}

/** One date alone, which is over, says since when it was so. */
function since(dates: readonly FoundDate[], sentAt: Date): Date {
  const [date, another] = dates;
  const span = date && !another ? spanOfDate(date) : undefined;
  return span && span.to <= sentAt ? span.from : sentAt;
}

/** "Gestern (2026-05-05)". */
function dated(text: string, tag: string, sentAt: Date): string {
  let written = "";
  let at = 0;
  for (const date of datesIn(text, tag, sentAt)) {
    const iso = date.isRelative ? isoOf(date) : undefined;
    if (iso === undefined) continue;
    const space = languageOf(tag).isSpaced ? " " : "";
    written += `${text.slice(at, date.end)}${space}(${iso})`;
    at = date.end;
  }
  return written + text.slice(at);
}

/** On one line. */
function flat(text: string): string {
  return text.normalize("NFC").replace(/\s+/gu, " ");
}
