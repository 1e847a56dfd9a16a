import { Mneme, type Ranking } from "@mneme/sdk";
import { startBenchStack } from "../harness/bench-stack.ts";
import { spread } from "../harness/figures.ts";
import { type LocomoConversation, readLocomo } from "./locomo.ts";
import { type EvidenceScore, meanScore, scoreEvidence } from "./score.ts";

/**
 * `npm run bench:recall -- FILE`: ingests LoCoMo-format conversations through the API, asks every question
 * and scores the memories found by the turns that they come from.
 */
const file = process.argv[2];
if (!file) throw new Error("usage: npm run bench:recall -- FILE (in LoCoMo format)");

const KS = [5, 10, 20];
const RECIPES: readonly (readonly [string, Ranking])[] = [
  ["Mneme, default settings", {}],
  ["BM25 alone", { recipe: "keyword" }],
  ["kNN alone", { recipe: "semantic" }],
  [".6/.25/.15", { recipe: "weighted" }],
];
const CATEGORIES = [1, 2, 3, 4] as const;

await using stack = await startBenchStack();
await using mneme = new Mneme({
  url: stack.processes.api.url,
  apiKey: stack.record.tenant.apiKey,
  timeoutMs: 600_000,
});
const run = Date.now().toString(36);
const conversations = await readLocomo(file);

const begun = performance.now();
const ingested = await Promise.all(conversations.map(ingest));
const turns = conversations.reduce((sum, { turns }) => sum + turns.length, 0);
const memories = ingested.reduce((sum, { memories }) => sum + memories, 0);
console.log(
  `${conversations.length} conversations, ${turns} turns, ${memories} memories, searchable after ${((performance.now() - begun) / 1_000).toFixed(0)} s\n`,
);
console.log(`${"".padEnd(26)}${["R@5", "R@10", "R@20", "all@10"].map((name) => name.padStart(8)).join("")}`);
for (const [name, ranking] of RECIPES) await scoreRecipe(name, ranking);

interface Ingested {
  readonly conversation: LocomoConversation;
  readonly userId: string;
  readonly turnOf: ReadonlyMap<string, string>;
  readonly memories: number;
}

async function ingest(conversation: LocomoConversation): Promise<Ingested> {
  const userId = `${run}-${conversation.id}`;
  const turnOf = new Map<string, string>();
  const extractionIds: string[] = [];
  for (const [session, turns] of Map.groupBy(conversation.turns, (turn) => turn.session)) {
    const scope = mneme.user(userId).session(`session-${session}`);
    for (let i = 0; i < turns.length; i += 20) {
      const part = turns.slice(i, i + 20);
      const result = await scope.add(
        part.map(({ speaker, text, sentAt }) => ({ role: "user", name: speaker, text, sentAt })),
      );
      for (const [place, id] of result.messageIds.entries()) turnOf.set(id, part[place]?.id ?? "");
      extractionIds.push(result.extractionId);
    }
  }
  const extractions = await mneme.waitFor({ extractionIds }, { timeoutMs: 600_000 });
  const memories = extractions.reduce((sum, { counts }) => sum + counts.added, 0);
  return { conversation, userId, turnOf, memories };
}

async function scoreRecipe(name: string, ranking: Ranking): Promise<void> {
  const scores: { category: number; score: EvidenceScore }[] = [];
  const times: number[] = [];
  for (const { conversation, userId, turnOf } of ingested) {
    for (const { question, category, evidence } of conversation.questions) {
      if (evidence.length === 0) continue;
      const start = performance.now();
      const { hits } = await mneme.user(userId).search(question, { limit: 20, tokenBudget: 32_000, ranking });
      times.push(performance.now() - start);
      const ranked = hits.map(({ memory }) =>
        memory.sources.map(({ messageId }) => turnOf.get(messageId) ?? ""),
      );
      scores.push({ category, score: scoreEvidence(ranked, evidence, KS) });
    }
  }
  const judged = scores.filter(({ category }) => category <= 4);
  console.log(
    line(
      `${name}, 1-4 (${judged.length})`,
      judged.map(({ score }) => score),
    ),
  );
  if (Object.keys(ranking).length > 0) return;
  for (const category of CATEGORIES) {
    const own = scores.filter((one) => one.category === category).map(({ score }) => score);
    console.log(line(`  category ${category} (${own.length})`, own));
  }
  console.log(`  search ${spread(times)}`);
}

function line(name: string, scores: readonly EvidenceScore[]): string {
  const figures = [...KS.map((k) => meanScore(scores, k, "recall")), meanScore(scores, 10, "all")];
  return name.padEnd(34) + figures.map((figure) => figure.toFixed(1).padStart(8)).join("");
}
