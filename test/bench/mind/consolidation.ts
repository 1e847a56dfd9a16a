import { countTokens } from "@mneme/core/tokens/count-tokens.ts";
import type { ConsolidationCounts, Mneme } from "@mneme/sdk";
import { type LocomoConversation, speakerOf } from "../recall/locomo.ts";
import { type EvidenceScore, meanScore, scoreEvidence } from "../recall/score.ts";
import { tells } from "./tells.ts";
import type { GoldConversation } from "./written-case.ts";

/** What can be asked of a person's memories, and what answers it. */
export interface Asked {
  readonly userId: string;
  readonly question: string;
  readonly evidence: readonly string[];
  /** Which of the evidence a hit stands for. */
  readonly evidenceOf: (hit: {
    readonly text: string;
    readonly messageIds: readonly string[];
  }) => readonly string[];
}

/** Tokens that an answer may take, beside ten hits of any length. */
const BUDGETS = [200, 400, 1_000];

export interface RecallFigures {
  /** Evidence among the first ten hits, in percent. */
  readonly atTen: number;
  /** Evidence among what fits into each budget, in percent. */
  readonly within: readonly number[];
}

/** Facts of gold conversations that were told before, each asked for by itself. */
export function askFacts(conversations: readonly GoldConversation[], prefix: string): Asked[] {
  return conversations.flatMap(({ id, facts }) =>
    facts.map((fact) => ({
      userId: `${prefix}${id}`,
      question: fact.fact,
      evidence: [fact.fact],
      evidenceOf: ({ text }) => (tells(text, fact.words) ? [fact.fact] : []),
    })),
  );
}

/** Tells a long conversation as it was. @returns its questions, which its turns answer. */
export async function tellLong(
  mneme: Mneme,
  conversation: LocomoConversation,
  prefix: string,
): Promise<Asked[]> {
  const userId = `${prefix}${conversation.id}`;
  const turnOf = new Map<string, string>();
  const added = [];
  for (const [session, turns] of Map.groupBy(conversation.turns, (turn) => turn.session)) {
    for (let i = 0; i < turns.length; i += 20) {
      const part = turns.slice(i, i + 20);
      const messages = part.map(({ speaker, text, sentAt }) => {
        const { role, name } = speakerOf(speaker);
        return { role, text, sentAt, ...(name !== undefined && { name }) };
      });
      const result = await mneme.user(userId).session(`session-${session}`).add(messages);
      for (const [place, id] of result.messageIds.entries()) turnOf.set(id, part[place]?.id ?? "");
      added.push(result);
    }
  }
  await mneme.waitFor(added, { timeoutMs: 600_000 });
  const evidenceOf: Asked["evidenceOf"] = ({ messageIds }) => messageIds.map((id) => turnOf.get(id) ?? "");
  return conversation.questions
    .filter(({ category, evidence }) => category <= 4 && evidence.length > 0)
    .map(({ question, evidence }) => ({ userId, question, evidence, evidenceOf }));
}

export async function recallOf(mneme: Mneme, all: readonly Asked[]): Promise<RecallFigures> {
  const scores: EvidenceScore[][] = [[], ...BUDGETS.map(() => [])];
  for (const { userId, question, evidence, evidenceOf } of all) {
    const { hits } = await mneme.user(userId).search(question, { limit: 20, tokenBudget: 32_000 });
    const found = hits.map(({ memory: { text, sources } }) => ({
      tokens: countTokens(text) + 1,
      evidence: evidenceOf({ text, messageIds: sources.map(({ messageId }) => messageId) }),
    }));
    const score = (ranked: typeof found, k: number) =>
      scoreEvidence(
        ranked.map((hit) => hit.evidence),
        evidence,
        [k],
      );
    scores[0]?.push(score(found, 10));
    for (const [i, budget] of BUDGETS.entries()) scores[i + 1]?.push(score(fitting(found, budget), 10));
  }
  const [atTen = 0, ...within] = scores.map((each) => meanScore(each, 10, "recall"));
  return { atTen, within };
}

/** As searches fill a budget: what does not fit gives way to what does. */
function fitting<Hit extends { readonly tokens: number }>(found: readonly Hit[], budget: number): Hit[] {
  let left = budget;
  return found.filter(({ tokens }) => {
    if (tokens > left) return false;
    left -= tokens;
    return true;
  });
}

export interface Throughput {
  readonly episodes: number;
  readonly summaries: number;
  readonly archived: number;
  readonly episodesPerSecond: number;
}

/** Consolidates people, one after the other, and waits until searches find it. */
export async function consolidate(mneme: Mneme, userIds: readonly string[]): Promise<Throughput> {
  let [episodes, summaries, archived] = [0, 0, 0];
  const begun = performance.now();
  for (const userId of userIds) {
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const counts: ConsolidationCounts = await mneme.consolidations.now({ userId }, { pageToken });
      episodes += counts.episodes;
      summaries += counts.summaries;
      archived += counts.archived;
      pageToken = counts.nextPageToken;
    }
  }
  const seconds = (performance.now() - begun) / 1_000;
  for (const userId of userIds) await untilFound(mneme, userId);
  return { episodes, summaries, archived, episodesPerSecond: episodes / seconds };
}

/** Until the summary that was made last is found by its own words. */
async function untilFound(mneme: Mneme, userId: string): Promise<void> {
  const [last] = await mneme.consolidations.list({ userId }, { pageSize: 1 }).toArray(1);
  if (!last) return;
  const { text } = await mneme.memories.get(last.summaryMemoryId);
  for (const deadline = performance.now() + 60_000; performance.now() < deadline; ) {
    const { hits } = await mneme.user(userId).search(text, { limit: 5, tokenBudget: 32_000 });
    if (hits.some(({ memory }) => memory.id === last.summaryMemoryId)) return;
  }
  throw new Error("a summary could not be found within a minute");
}

/** `recall@10 86.1, 86.4 consolidated (may fall by 1); in 200 tokens 76.9, 76.1; ...`. */
export function consolidationLine(before: RecallFigures, after: RecallFigures): string {
  const pair = (a: number, b: number) => `${a.toFixed(1)}, ${b.toFixed(1)} consolidated`;
  const within = BUDGETS.map((budget, i) => {
    return `in ${budget} tokens ${pair(before.within[i] ?? 0, after.within[i] ?? 0)}`;
  });
  return [`recall@10 ${pair(before.atTen, after.atTen)} (may fall by 1 point)`, ...within].join("; ");
}

/** `109 summaries of 232 of 1431 episodes, 900 episodes/s`. */
export function throughputLine({ episodes, summaries, archived, episodesPerSecond }: Throughput): string {
  return `${summaries} summaries of ${archived} of ${episodes} episodes, ${episodesPerSecond.toFixed(0)} episodes/s`;
}
