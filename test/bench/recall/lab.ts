import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { readQueryTime } from "@mneme/core/search/query-time/read-query-time.ts";
import type { RecipeName } from "@mneme/core/search/recipes.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { type LocomoConversation, readLocomo } from "./locomo.ts";
import { TermStatistics } from "./lucene.ts";
import { type EvidenceScore, meanScore, scoreEvidence } from "./score.ts";
import {
  addStatistics,
  type Embed,
  type Field,
  namedParticipants,
  type SimulatedScope,
  searcher,
  simulateScope,
  toTurns,
} from "./simulate.ts";
import type { GraphAnchors } from "./simulate-graph.ts";

/**
 * Recall by evidence without the engines: `node test/bench/recall/lab.ts FILE`. Extraction, embedding and
 * fusion are the product's; the index is simulated (exact cosine, Lucene's BM25), so that an idea about
 * ranking is tried in a minute. `bench:recall` has the last word.
 */
const file = process.argv[2];
if (!file) throw new Error("usage: node test/bench/recall/lab.ts FILE (in LoCoMo format)");

const KS = [5, 10, 20];
const POOL = 64;
const ROWS: readonly (readonly [string, RecipeName, "own" | "shared", GraphAnchors?])[] = [
  ["s1", "s1", "own"],
  ["s1, statistics of all conversations", "s1", "shared"],
  ["s1, and the graph", "s1", "shared", "product"],
  ["s1, and the graph of whatever is named", "s1", "shared", "any"],
  [".6/.25/.15", "weighted", "shared"],
  ["BM25 alone", "bm25", "shared"],
  ["kNN alone", "knn", "shared"],
];

await using embedder = await createMiniLmEmbedder({ modelDir: installedModelDir() });
const embed: Embed = (texts) => embedder.embed(texts, { purpose: "document" });
const conversations = await readLocomo(file);
const begun = performance.now();
const scopes: SimulatedScope[] = [];
let turns = 0;
let extractionMs = 0;
for (const conversation of conversations) {
  const input = { turns: toTurns(conversation), context: [], summary: "", nearest: [] };
  const start = performance.now();
  const { statements } = await createEmbeddedExtractor().extract(input);
  extractionMs += performance.now() - start;
  turns += input.turns.length;
  scopes.push(await simulateScope(conversation, statements, embed));
}
const memories = scopes.reduce((sum, { documents }) => sum + documents.length, 0);
console.log(
  `${turns} turns, ${memories} memories, extracted at ${Math.round((1_000 * turns) / extractionMs)} turns/s, embedded after ${((performance.now() - begun) / 1_000).toFixed(0)} s`,
);
const queries = await embedQueries(conversations);
const shared = { window: new TermStatistics(), text: new TermStatistics() };
for (const scope of scopes) addStatistics(scope, shared);

console.log(`${"".padEnd(44)}${["R@5", "R@10", "R@20", "all@10"].map((name) => name.padStart(8)).join("")}`);
/** Questions that the graph has something to say to. */
let asked = 0;
for (const [name, recipe, statistics, graph] of ROWS) {
  const own = statistics === "shared" ? (field: Field) => shared[field] : undefined;
  asked = 0;
  const scores = scoreAll(recipe, own, graph);
  const judged = scores.filter(({ category }) => category <= 4);
  console.log(line(`${name}, 1-4 (${judged.length})`, judged));
  if (graph) console.log(`  ${asked} questions found a way between what they name`);
  if (recipe !== "s1") continue;
  for (const category of [1, 2, 3, 4])
    console.log(
      line(
        `  category ${category}`,
        judged.filter((one) => one.category === category),
      ),
    );
  for (const { id } of conversations)
    console.log(
      line(
        `  conversation ${id}`,
        judged.filter((one) => one.conversation === id),
      ),
    );
}

interface Scored {
  readonly conversation: string;
  readonly category: number;
  readonly score: EvidenceScore;
}

function scoreAll(
  recipe: RecipeName,
  statistics: ((field: Field) => TermStatistics) | undefined,
  graph: GraphAnchors | undefined,
): Scored[] {
  return scopes.flatMap((scope) => {
    const search = searcher(scope, (text) => queries.get(text) as Float32Array);
    const options = { recipe, pool: POOL, now: new Date(), graph, ...(statistics && { statistics }) };
    return scope.conversation.questions
      .filter(({ evidence }) => evidence.length > 0)
      .map(({ question, category, evidence }) => {
        const found = search(question, options);
        if (found.some(({ hit }) => hit.parts.graph)) asked += 1;
        const ranked = found.map(({ document }) => document.sources);
        return { conversation: scope.conversation.id, category, score: scoreEvidence(ranked, evidence, KS) };
      });
  });
}

/** Vectors of every question and of the events that it tells its time by, with and without names, by text. */
async function embedQueries(all: readonly LocomoConversation[]): Promise<Map<string, Float32Array>> {
  const texts = all.flatMap((conversation) =>
    conversation.questions.flatMap(({ question }) => {
      const phrase = readQueryTime(question, new Date())?.anchor?.phrase;
      return [question, ...(phrase === undefined ? [] : [phrase])].flatMap((text) => {
        const query = analyzeQuery(text, { participants: namedParticipants(conversation) });
        return [query.text, query.denseText];
      });
    }),
  );
  const distinct = [...new Set(texts)];
  const vectors = await embed(distinct);
  return new Map(distinct.map((text, i) => [text, vectors[i] as Float32Array]));
}

function line(name: string, scored: readonly Scored[]): string {
  const scores = scored.map(({ score }) => score);
  const figures = [...KS.map((k) => meanScore(scores, k, "recall")), meanScore(scores, 10, "all")];
  return name.padEnd(44) + figures.map((figure) => figure.toFixed(1).padStart(8)).join("");
}
