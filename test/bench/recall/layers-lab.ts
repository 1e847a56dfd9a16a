import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { DEFAULT_MULTIPLIERS } from "@mneme/core/search/multipliers.ts";
import { readQueryTime } from "@mneme/core/search/query-time/read-query-time.ts";
import type { Layer } from "@mneme/core/tenancy/scope.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { readLocomo } from "./locomo.ts";
import { type EvidenceScore, meanScore, scoreEvidence } from "./score.ts";
import {
  type Embed,
  namedParticipants,
  type SimulatedScope,
  searcher,
  simulateScope,
  toTurns,
} from "./simulate.ts";

/**
 * How strong a layer should be, without the engines: `node test/bench/recall/layers-lab.ts FILE`. Of each two neighbouring
 * conversations one is a person's own and the other shared with a team, a project or a tenant; all are asked about both.
 * What a nearer layer wins for the person, the farther one loses.
 */
const file = process.argv[2];
if (!file) throw new Error("usage: node test/bench/recall/layers-lab.ts FILE (in LoCoMo format)");
const STEPS = [0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1];
const FAR: readonly Layer[] = ["team", "project", "tenant"];

await using embedder = await createMiniLmEmbedder({ modelDir: installedModelDir() });
const embed: Embed = (texts) => embedder.embed(texts, { purpose: "document" });
const scopes: SimulatedScope[] = [];
for (const conversation of await readLocomo(file)) {
  const input = { turns: toTurns(conversation), context: [], summary: "", nearest: [] };
  const { statements } = await createEmbeddedExtractor().extract(input);
  scopes.push(await simulateScope(conversation, statements, embed));
}
const pairs = scopes.map((own, i) => [own, scopes[(i + 1) % scopes.length] as SimulatedScope] as const);
const queries = new Map<string, Float32Array>();
for (const [own, other] of pairs) await embedQueries(own, other);

console.log(
  `${"".padEnd(12)}${FAR.flatMap((layer) => [`own/${layer}`, layer])
    .map((name) => name.padStart(14))
    .join("")}`,
);
for (const step of STEPS) {
  const figures = FAR.flatMap((layer) => {
    const scored = pairs.map(([own, other]) => scorePair(own, other, layer, step));
    return [scored.flatMap(({ ofOwn }) => ofOwn), scored.flatMap(({ ofOther }) => ofOther)];
  });
  const cells = figures.map((scores) => meanScore(scores, 10, "recall").toFixed(1).padStart(14));
  console.log(`step ${String(step).padEnd(7)}${cells.join("")}`);
}

/** Evidence of the questions about each, asked by whom the first belongs to. */
function scorePair(own: SimulatedScope, other: SimulatedScope, layer: Layer, step: number) {
  const near = own.documents.map((document) => ({
    ...document,
    candidate: { ...document.candidate, layer: "user" as const },
  }));
  const far = other.documents.map((document) => ({
    ...document,
    candidate: { ...document.candidate, layer, memoryId: `far-${document.candidate.memoryId}` },
    sources: document.sources.map((source) => `far-${source}`),
  }));
  const scope = { conversation: own.conversation, documents: [...near, ...far] };
  const search = searcher(scope, (text) => queries.get(text) as Float32Array);
  const options = { pool: 64, now: new Date(), multipliers: { ...DEFAULT_MULTIPLIERS, layer: step } };
  const score = ({ conversation }: SimulatedScope, prefix: string): EvidenceScore[] =>
    conversation.questions
      .filter(({ evidence, category }) => evidence.length > 0 && category <= 4)
      .map(({ question, evidence }) => {
        const ranked = search(question, options).map(({ document }) => document.sources);
        return scoreEvidence(
          ranked,
          evidence.map((id) => `${prefix}${id}`),
          [10],
        );
      });
  return { ofOwn: score(own, ""), ofOther: score(other, "far-") };
}

/** Whoever asks is known by the names of their own conversation. */
async function embedQueries(own: SimulatedScope, other: SimulatedScope): Promise<void> {
  const participants = namedParticipants(own.conversation);
  const texts = [own, other].flatMap(({ conversation }) =>
    conversation.questions.flatMap(({ question }) => {
      const phrase = readQueryTime(question, new Date())?.anchor?.phrase;
      return [question, ...(phrase === undefined ? [] : [phrase])].flatMap((text) => {
        const query = analyzeQuery(text, { participants });
        return [query.text, query.denseText];
      });
    }),
  );
  const missing = [...new Set(texts)].filter((text) => !queries.has(text));
  const vectors = await embed(missing);
  missing.forEach((text, i) => void queries.set(text, vectors[i] as Float32Array));
}
