import { type ClusterLimits, clusterEpisodes } from "@mneme/core/consolidation/cluster-episodes.ts";
import type { Episode } from "@mneme/core/consolidation/episode.ts";
import { writeSummary } from "@mneme/core/consolidation/write-summary.ts";
import type { Statement } from "@mneme/core/extraction/extractor.ts";
import { textFeatures } from "@mneme/core/search/turn-features.ts";
import { analyze } from "./lucene.ts";
import type { Embed, SimulatedDocument, SimulatedScope } from "./simulate.ts";

/** A scope after all its episodes were consolidated: summaries stand for what they rest on. */
export interface ConsolidatedScope {
  readonly scope: SimulatedScope;
  readonly episodes: number;
  readonly summaries: number;
  /** Episodes that are in summaries. */
  readonly joined: number;
}

/** @param statements in the order of the scope's documents. */
export async function simulateConsolidation(
  { conversation, documents }: SimulatedScope,
  statements: readonly Statement[],
  embed: Embed,
  limits?: ClusterLimits,
): Promise<ConsolidatedScope> {
  const all = documents.flatMap((document, i) => {
    const statement = statements[i];
    return statement?.kind === "episodic" ? [{ document, episode: toEpisode(document, statement) }] : [];
  });
  const documentOf = new Map(all.map(({ document, episode }) => [episode, document]));
  const clusters = clusterEpisodes(
    all.map(({ episode }) => episode),
    limits,
  );
  const texts = clusters.map((cluster) => writeSummary(cluster));
  const vectors = await embed(texts);
  const summaries = clusters.map((cluster, i) => {
    const parts = cluster.map((episode) => documentOf.get(episode) as SimulatedDocument);
    return toDocument(cluster, parts, texts[i] as string, vectors[i] as Float32Array);
  });
  const gone = new Set(clusters.flat().map((episode) => documentOf.get(episode)));
  const left = documents.filter((document) => !gone.has(document));
  return {
    scope: { conversation, documents: [...left, ...summaries] },
    episodes: all.length,
    summaries: summaries.length,
    joined: gone.size,
  };
}

function toEpisode({ candidate, vector }: SimulatedDocument, statement: Statement): Episode {
  const { memoryId, version, speaker, role, saidAt, valid } = candidate;
  const { text, category, origin, confidence, importance, entities } = statement;
  const said = { text, category, origin, confidence, importance, entities, metadata: {} };
  const when = { saidAt, validFrom: valid?.from ?? saidAt, validTo: valid?.to };
  const kept = { revision: "0", expiresAt: undefined, window: "", vector, embeddingModel: "lab" };
  return { memoryId, version, ...said, speaker, role, ...when, ...kept };
}

function toDocument(
  cluster: readonly Episode[],
  parts: readonly SimulatedDocument[],
  text: string,
  vector: Float32Array,
): SimulatedDocument {
  const [first] = parts;
  const last = cluster.at(-1);
  if (!first || !last) throw new Error("an empty cluster");
  return {
    ...first,
    candidate: {
      ...first.candidate,
      memoryId: `s${first.candidate.memoryId}`,
      kind: "semantic",
      isQuestion: false,
      hasTime: textFeatures(text).hasTime,
      saidAt: last.saidAt,
      importance: Math.max(...cluster.map(({ importance }) => importance)),
      confidence: Math.min(...cluster.map(({ confidence }) => confidence)),
    },
    statement: text,
    text: analyze(text),
    sources: [...new Set(parts.flatMap(({ sources }) => sources))],
    window: parts.flatMap(({ window }) => window),
    vector,
    entities: new Set(parts.flatMap(({ entities }) => [...entities])),
    mentions: parts.flatMap(({ mentions }) => mentions),
    relations: parts.flatMap(({ relations }) => relations),
  };
}
