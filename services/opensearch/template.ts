import { ANALYSES, type Analysis } from "@mneme/core/language/languages.ts";
import { WINDOW_BM25 } from "@mneme/core/search/stop-words.ts";
import { ANALYSIS, analyzerOf, fieldOf } from "./analysis.ts";
import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";

/** Every index of memories: `mneme-memories-<pool>-g<generation>`. */
export const INDEX_PREFIX = "mneme-memories";
const TEMPLATE_NAME = INDEX_PREFIX;

/** Their names stand in a path, and the engine bounds a request's first line at 4,096 bytes. */
export const INDICES_AT_ONCE = 40;

/**
 * Counts changes of the mapping. A generation keeps the mapping it was created with, so a process that
 * needs another one writes nothing and asks for a new generation. 2: `audience`. 3: fields of languages.
 */
export const SCHEMA_VERSION = 3;

export interface TemplateOptions {
  /** Shards of a pool's index; a tenant lives on one of them. */
  readonly shards?: number;
  /** A fixed number of copies; undefined: one copy as soon as a second node is there. */
  readonly replicas?: number;
  /** How soon a write can be found without an explicit refresh, e.g. `500ms`. */
  readonly refreshInterval?: string;
}

/**
 * The part of an index that does not depend on the embedding model; `vectorMapping` is the other part.
 * `_source` is off: texts live in PostgreSQL, hits are ids and numbers, and what is not stored twice need
 * not be purged twice. An index is rebuilt from the record, never from itself.
 */
export function memoriesTemplate(options: TemplateOptions = {}) {
  return {
    index_patterns: [`${INDEX_PREFIX}-*`],
    priority: 200,
    _meta: { schema: SCHEMA_VERSION },
    template: { settings: settings(options), mappings: MAPPINGS },
  };
}

/** Fields whose shape is the model's. Lucene's HNSW; inner product of unit vectors is their cosine. */
export function vectorMapping(dimension: number) {
  return {
    type: "knn_vector",
    dimension,
    method: {
      name: "hnsw",
      engine: "lucene",
      space_type: "innerproduct",
      parameters: { m: 16, ef_construction: 100 },
    },
  };
}

/** Creates or replaces the template; indices that exist keep what they have. */
export async function putTemplate(client: IndexClient, options: TemplateOptions = {}, signal?: AbortSignal) {
  const answer = await client.send<EngineError>({
    method: "PUT",
    path: `/_index_template/${TEMPLATE_NAME}`,
    body: memoriesTemplate(options),
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}

function settings(options: TemplateOptions) {
  return {
    index: {
      knn: true,
      number_of_shards: options.shards ?? 4,
      ...(options.replicas === undefined
        ? { auto_expand_replicas: "0-1" }
        : { number_of_replicas: options.replicas }),
      // Set at all, it also keeps idle shards searchable; unset, the first search after 30 s waits.
      refresh_interval: options.refreshInterval ?? "500ms",
      // A routed search meets one small shard: spreading it over threads costs 8 % and gains nothing.
      "search.concurrent_segment_search.mode": "none",
      // How long a delete's version is remembered: a late write of an older revision is refused so long.
      gc_deletes: "1h",
      // An expunge then rewrites every segment that holds a deleted document: erasure is physical.
      "merge.policy.expunge_deletes_allowed": 0,
      similarity: { window_bm25: { type: "BM25", ...WINDOW_BM25 } },
      analysis: ANALYSIS,
    },
  };
}

const ID = { type: "keyword" };
/** For filters only: nothing sorts, aggregates or fetches it. */
const FILTER_ONLY = { type: "keyword", doc_values: false };
const TIME = { type: "date", format: "epoch_millis" };
/** Frequencies without positions: phrases are never asked for. */
const textOf = (analysis: Analysis) => ({
  type: "text",
  analyzer: analyzerOf(analysis),
  similarity: "window_bm25",
  index_options: "freqs",
});
/** Of each analysis both; a document has those of its own language, and the others take no room in it. */
const TEXTS = Object.fromEntries(
  ANALYSES.flatMap((analysis) => [
    [fieldOf("text", analysis), textOf(analysis)],
    [fieldOf("window", analysis), textOf(analysis)],
  ]),
);

const MAPPINGS = {
  dynamic: "strict",
  _source: { enabled: false },
  // A write or delete without its tenant's routing would land on, or miss, another shard.
  _routing: { required: true },
  properties: {
    tenant_id: ID,
    project_id: ID,
    memory_id: ID,
    version: { type: "integer" },
    subject_id: ID,
    subject_epoch: { type: "integer" },
    agent_id: FILTER_ONLY,
    app_id: FILTER_ONLY,
    team_id: FILTER_ONLY,
    audience: FILTER_ONLY,
    session_id: FILTER_ONLY,
    kind: FILTER_ONLY,
    category: FILTER_ONLY,
    // One term a pair, see metadata.ts.
    metadata: FILTER_ONLY,
    // Similarity boolean: the score counts the entities that match, alike in every tenant.
    entities: { ...FILTER_ONLY, similarity: "boolean", ignore_above: 1024 },
    ...TEXTS,
    said_at: TIME,
    valid_from: TIME,
    valid_to: TIME,
    recorded_from: TIME,
    recorded_to: TIME,
    expires_at: TIME,
    // What fusion needs, in one value instead of ten: see card.ts and vector-codec.ts.
    card: { type: "binary", doc_values: true },
    vec8: { type: "binary", doc_values: true },
  },
};
