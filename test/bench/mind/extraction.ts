import { tells } from "./tells.ts";
import type { GoldConversation } from "./written-case.ts";

/** What a statement is worth to a reader of the conversation. */
export type Verdict =
  /** It tells a fact that must be kept. */
  | "fact"
  /** It tells what nobody would miss. */
  | "also"
  /** It tells what nobody said as a fact, whatever else it tells. */
  | "wrong"
  /** It tells nothing that a careful reader wrote down. */
  | "junk";

/** What an extractor made of one conversation. */
export interface ExtractionScore {
  readonly statements: readonly { readonly text: string; readonly verdict: Verdict }[];
  /** Facts that must be kept. */
  readonly facts: number;
  /** Of them, those that no statement tells; what a wrong statement tells counts for nothing. */
  readonly missed: readonly string[];
}

/** Scores what an extractor made of a conversation against what a careful reader would keep of it. */
export function scoreExtraction(
  { facts, also, wrong }: Pick<GoldConversation, "facts" | "also" | "wrong">,
  texts: readonly string[],
): ExtractionScore {
  const statements = texts.map((text) => {
    const told = (list: GoldConversation["facts"]) => list.some(({ words }) => tells(text, words));
    const verdict: Verdict = told(wrong) ? "wrong" : told(facts) ? "fact" : told(also) ? "also" : "junk";
    return { text, verdict };
  });
  const sound = statements.filter(({ verdict }) => verdict === "fact");
  const missed = facts.filter(({ words }) => !sound.some(({ text }) => tells(text, words)));
  return { statements, facts: facts.length, missed: missed.map(({ fact }) => fact) };
}

/** Of any number of conversations. */
export interface ExtractionFigures {
  readonly facts: number;
  readonly statements: number;
  /** In percent of the facts. */
  readonly recall: number;
  /** In percent of the statements: those that tell a fact, or what nobody would miss, and nothing wrong. */
  readonly precision: number;
  readonly wrong: number;
  readonly junk: number;
}

/** Each fact and each statement counts the same, whatever its conversation. */
export function extractionFigures(scores: readonly ExtractionScore[]): ExtractionFigures {
  const facts = scores.reduce((sum, score) => sum + score.facts, 0);
  const missed = scores.reduce((sum, score) => sum + score.missed.length, 0);
  const verdicts = scores.flatMap(({ statements }) => statements.map(({ verdict }) => verdict));
  const count = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  return {
    facts,
    statements: verdicts.length,
    recall: percent(facts - missed, facts),
    precision: percent(count("fact") + count("also"), verdicts.length),
    wrong: count("wrong"),
    junk: count("junk"),
  };
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 100 : (100 * part) / whole;
}
