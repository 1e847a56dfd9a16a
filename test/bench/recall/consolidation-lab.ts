import { parseArgs } from "node:util";
import { CLUSTER_LIMITS, type ClusterLimits } from "@mneme/core/consolidation/cluster-episodes.ts";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { readQueryTime } from "@mneme/core/search/query-time/read-query-time.ts";
import { countTokens } from "@mneme/core/tokens/count-tokens.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { type LocomoConversation, readLocomo } from "./locomo.ts";
import { type EvidenceScore, meanScore, scoreEvidence } from "./score.ts";
import { namedParticipants, type SimulatedScope, searcher, simulateScope, toTurns } from "./simulate.ts";
import { simulateConsolidation } from "./simulate-consolidation.ts";

/**
 * Recall before and after all episodes are consolidated, without the engines:
 * `node test/bench/recall/consolidation-lab.ts FILE [--try '[{"cosine":0.6,"tokens":100}]']`. Extraction, embedding, clusters,
 * summaries and fusion are the product's. A summary stands for all its sources, so ten hits of longer texts hold more of
 * them: what fits into a number of tokens is told beside it.
 */
const { values, positionals } = parseArgs({ options: { try: { type: "string" } }, allowPositionals: true });
const [file] = positionals;
if (!file) throw new Error("usage: node test/bench/recall/consolidation-lab.ts FILE (in LoCoMo format)");
const limits = [{}, ...(JSON.parse(values.try ?? "[]") as Partial<ClusterLimits>[])];
const KS = [5, 10, 20];
const BUDGETS = [200, 400, 1_000];
const POOL = 64;

await using embedder = await createMiniLmEmbedder({ modelDir: installedModelDir() });
const vectors = new Map<string, Float32Array>();
const all = await Promise.all((await readLocomo(file)).map(prepare));
const heads = [...KS.map((k) => `R@${k}`), ...BUDGETS.map((tokens) => `${tokens} tok`)];
console.log("".padEnd(52) + heads.map((head) => head.padStart(9)).join(""));
score(
  "before",
  all.map(({ scope }) => scope),
);
for (const tried of limits) {
  const done = await Promise.all(
    all.map(({ scope, statements }) =>
      simulateConsolidation(scope, statements, embed, { ...CLUSTER_LIMITS, ...tried }),
    ),
  );
  const sum = (pick: (one: (typeof done)[number]) => number) =>
    done.reduce((total, one) => total + pick(one), 0);
  const made = `${sum(({ summaries }) => summaries)} summaries of ${sum(({ joined }) => joined)} of ${sum(({ episodes }) => episodes)}`;
  const how = Object.keys(tried).length === 0 ? "as it is" : JSON.stringify(tried);
  score(
    `${how}: ${made}`,
    done.map(({ scope }) => scope),
  );
}

async function prepare(conversation: LocomoConversation) {
  const input = { turns: toTurns(conversation), context: [], summary: "", nearest: [] };
  const { statements } = await createEmbeddedExtractor().extract(input);
  await embed(
    conversation.questions.flatMap(({ question }) => {
      const phrase = readQueryTime(question, new Date())?.anchor?.phrase;
      return [question, ...(phrase === undefined ? [] : [phrase])].flatMap((text) => {
        const query = analyzeQuery(text, { participants: namedParticipants(conversation) });
        return [query.text, query.denseText];
      });
    }),
  );
  return { statements, scope: await simulateScope(conversation, statements, embed) };
}

/** Each text once. */
async function embed(texts: readonly string[]): Promise<Float32Array[]> {
  const missing = [...new Set(texts.filter((text) => !vectors.has(text)))];
  const made = await embedder.embed(missing, { purpose: "document" });
  for (const [i, text] of missing.entries()) vectors.set(text, made[i] as Float32Array);
  return texts.map((text) => vectors.get(text) as Float32Array);
}

function score(name: string, scopes: readonly SimulatedScope[]): void {
  const hits: EvidenceScore[] = [];
  const within: EvidenceScore[][] = BUDGETS.map(() => []);
  for (const scope of scopes) {
    const search = searcher(scope, (text) => vectors.get(text) as Float32Array);
    for (const { question, category, evidence } of scope.conversation.questions) {
      if (evidence.length === 0 || category > 4) continue;
      const found = search(question, { recipe: "s1", pool: POOL, now: new Date() }).map(
        ({ document }) => document,
      );
      const scored = (ranked: typeof found, ks: readonly number[]) =>
        scoreEvidence(
          ranked.map(({ sources }) => sources),
          evidence,
          ks,
        );
      hits.push(scored(found, KS));
      for (const [i, budget] of BUDGETS.entries()) within[i]?.push(scored(fitting(found, budget), [20]));
    }
  }
  const figures = [
    ...KS.map((k) => meanScore(hits, k, "recall")),
    ...within.map((each) => meanScore(each, 20, "recall")),
  ];
  console.log(name.padEnd(52) + figures.map((figure) => figure.toFixed(1).padStart(9)).join(""));
}

/** As searches fill a budget: what does not fit gives way to what does. */
function fitting<Document extends { readonly statement: string }>(
  found: readonly Document[],
  budget: number,
) {
  let left = budget;
  return found.filter(({ statement }) => {
    const tokens = countTokens(statement) + 1;
    if (tokens > left) return false;
    left -= tokens;
    return true;
  });
}
