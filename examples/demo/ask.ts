import type { Hit, SearchResult } from "@mneme/sdk";
import { scoreEvidence } from "@mneme/test/bench/recall/score.ts";
import type { Question } from "./conversation.ts";
import type { Played } from "./play.ts";

/** Hits asked for, and scored. */
export const TOP = 10;
/** Enough that the limit, not the budget, ends the list. */
const TOKEN_BUDGET = 4_000;

/** A question, what was found, and whether it is what should be. */
export interface Asked {
  readonly question: Question;
  readonly result: SearchResult;
  /** As seen from here, in milliseconds. */
  readonly clientMs: number;
  /** Rank of the first hit that stands for each evidence turn; undefined where none does. */
  readonly ranks: ReadonlyMap<string, number | undefined>;
  /** Share of the evidence among the first ten hits, 0 to 1; undefined without evidence. */
  readonly recall: number | undefined;
  /** Whether all of it is. */
  readonly complete: boolean;
}

/** Asks one question and looks for its evidence among the hits. */
export async function ask(played: Played, question: Question, signal: AbortSignal): Promise<Asked> {
  const begun = performance.now();
  const result = await played.scope.search(question.text, { limit: TOP, tokenBudget: TOKEN_BUDGET, signal });
  const clientMs = performance.now() - begun;
  const turns = result.hits.map((hit) => turnsOf(hit, played));
  const ranks = new Map(question.evidence.map((id) => [id, rankOf(id, turns)] as const));
  const score = question.evidence.length > 0 ? scoreEvidence(turns, question.evidence, [TOP]) : undefined;
  return {
    question,
    result,
    clientMs,
    ranks,
    recall: score?.recall[TOP],
    complete: score?.all[TOP] === 1,
  };
}

/** Ids in the file of the turns that a hit comes from. */
export function turnsOf(hit: Hit, { turnOf }: Pick<Played, "turnOf">): string[] {
  return hit.memory.sources.flatMap(({ messageId }) => turnOf.get(messageId) ?? []);
}

function rankOf(id: string, turns: readonly (readonly string[])[]): number | undefined {
  const index = turns.findIndex((ids) => ids.includes(id));
  return index < 0 ? undefined : index + 1;
}
