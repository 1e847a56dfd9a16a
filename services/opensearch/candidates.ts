import { MnemeError } from "@mneme/core/errors.ts";
import type {
  Candidate,
  CandidateQuery,
  CandidateSet,
  NearestQuery,
  Neighbour,
} from "@mneme/core/search/memory-index.ts";
import { LAYERS } from "@mneme/core/tenancy/scope.ts";
import { type Card, decodeCard, isOfModel } from "./card.ts";
import { engineErrorType, type IndexClient, unavailable } from "./client.ts";
import { OPEN_END } from "./document.ts";
import { filterClauses } from "./filter.ts";
import { type Arm, knnBody, multiSearch, searchHead } from "./multi-search.ts";
import { cosineVec8 } from "./vector-codec.ts";

interface Hit {
  readonly _score: number | null;
  /** Where it was asked for the newest: when it was said last, and its id. */
  readonly sort?: readonly (number | string)[];
  /** Layers of the places that it lies in. */
  readonly matched_queries?: readonly string[];
  readonly fields?: Readonly<Partial<Record<"card" | "vec8" | "valid_from" | "valid_to", readonly string[]>>>;
}
interface ArmAnswer {
  readonly status?: number;
  readonly error?: { readonly type?: string };
  readonly hits?: { readonly hits?: readonly Hit[] };
}
interface MultiAnswer {
  readonly took?: number;
  readonly responses?: readonly ArmAnswer[];
  readonly error?: { readonly type?: string };
}

/** All that is read of an answer. */
export const ANSWER_FIELDS = [
  "took",
  "error.type",
  "responses.status",
  "responses.error.type",
  "responses.hits.hits._score",
  "responses.hits.hits.sort",
  "responses.hits.hits.fields",
  "responses.hits.hits.matched_queries",
].join(",");

export interface SearchOptions {
  readonly timeoutMs: number;
  /** `modelMark` of what made the queries' vectors. */
  readonly model: Buffer;
  /** Where vectors of that model lie. */
  readonly vectorField: string;
  /**
   * Asked where the tenant's alias is missing: true means that nothing was ever written for it, false that
   * the index itself is gone.
   */
  readonly hasIndex: () => Promise<boolean>;
  /** Told of a search that met documents of a layout that this process can't read. */
  readonly onUnreadable: () => void;
  readonly now?: Date;
}

/**
 * Runs the search and joins the arms.
 *
 * @throws MnemeError EMBEDDING_DIMENSION_MISMATCH where the query's vector is of another model than a hit's.
 */
export async function findCandidates(
  client: IndexClient,
  query: CandidateQuery,
  options: SearchOptions,
  signal?: AbortSignal,
): Promise<CandidateSet> {
  const { arms, lines } = multiSearch(query, options.now ?? new Date(), options.vectorField);
  if (arms.length === 0) return { candidates: [], hasUnreadable: false, tookMs: 0 };
  const { responses, tookMs } = await run(client, lines, options, signal);
  // A swap may come between the arms, so each hit says by itself whose vector it has.
  const model = query.vector && options.model;
  const joined = join(query.vector, model, arms, responses);
  if (joined.hasUnreadable) options.onUnreadable();
  return { ...joined, tookMs };
}

/** The nearest memories of each query, by exact cosine. @throws as `findCandidates`. */
export async function findNearest(
  client: IndexClient,
  queries: readonly NearestQuery[],
  options: SearchOptions,
  signal?: AbortSignal,
): Promise<Neighbour[][]> {
  if (queries.length === 0) return [];
  const now = options.now ?? new Date();
  const lines = queries.map(({ filter, vector, k }) => {
    const clauses = filterClauses(filter, now);
    return `${searchHead(filter.tenantId)}\n${knnBody(vector, k, clauses, { vectorField: options.vectorField })}\n`;
  });
  const { responses } = await run(client, lines.join(""), options, signal);
  return queries.map((_, position) =>
    (responses[position]?.hits?.hits ?? []).flatMap((hit) => {
      const card = cardOf(hit, options.model);
      if (card === undefined) {
        options.onUnreadable();
        return [];
      }
      return [{ memoryId: card.memoryId, version: card.version, cosine: cosineOfScore(hit._score ?? 0) }];
    }),
  );
}

async function run(client: IndexClient, lines: string, options: SearchOptions, signal?: AbortSignal) {
  const answer = await client.send<MultiAnswer>({
    method: "POST",
    path: "/_msearch",
    query: { filter_path: ANSWER_FIELDS },
    lines,
    timeoutMs: options.timeoutMs,
    retries: 1,
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
  const responses = answer.body.responses ?? [];
  const tookMs = answer.body.took ?? 0;
  const failed = responses.find((response) => response.error !== undefined);
  if (failed === undefined) return { responses, tookMs };
  if (failed.status === 404 && (await options.hasIndex())) return { responses: [], tookMs };
  throw searchError(failed);
}

function searchError(failed: ArmAnswer): MnemeError {
  const type = engineErrorType(failed);
  if (failed.status !== 400) return unavailable(failed.status ?? 0, type);
  // Everything else in the body is ours and bounded; what varies is the vector.
  return otherModel(type);
}

function otherModel(type: string): MnemeError {
  return new MnemeError(
    "failed_precondition",
    "EMBEDDING_DIMENSION_MISMATCH",
    "the query's vector is of another model than the index: its generation was built for that",
    { metadata: { dependency: "opensearch", type } },
  );
}

type Joined = { -readonly [Key in keyof Candidate]: Candidate[Key] };

function join(
  vector: Float32Array | undefined,
  model: Buffer | undefined,
  arms: readonly Arm[],
  responses: readonly ArmAnswer[],
): Omit<CandidateSet, "tookMs"> {
  const byId = new Map<string, Joined>();
  let hasUnreadable = false;
  arms.forEach((arm, position) => {
    for (const hit of responses[position]?.hits?.hits ?? []) {
      const card = cardOf(hit, model);
      if (card === undefined) {
        hasUnreadable = true;
        continue;
      }
      const id = `${card.memoryId}:${card.version}`;
      const candidate = byId.get(id) ?? firstSeen(vector, arm, hit, card);
      if (candidate === undefined) continue;
      byId.set(id, candidate);
      if (arm === "keywords") candidate.bm25 = hit._score ?? 0;
      if (arm === "entities") candidate.entity = hit._score ?? 0;
      if (arm === "newest") candidate.lastSaidAt = new Date(Number(hit.sort?.[0]));
      if (typeof arm === "object") candidate.rare = [...candidate.rare, arm.rare];
    }
  });
  const candidates = [...byId.values()];
  scaleKeywords(candidates);
  return { candidates, hasUnreadable };
}

/**
 * To shares of the best one. The engine's scores tell how frequent a word is in the whole shard, where other tenants lie:
 * they never leave this adapter.
 */
function scaleKeywords(candidates: readonly Joined[]): void {
  const best = Math.max(0, ...candidates.map(({ bm25 }) => bm25));
  if (best > 0) for (const candidate of candidates) candidate.bm25 /= best;
}

/**
 * @param model checked where a vector was compared.
 * @returns undefined for a document that this process cannot read: an older or a newer one wrote it.
 */
function cardOf(hit: Hit, model: Buffer | undefined): Card | undefined {
  const bytes = Buffer.from(hit.fields?.card?.[0] ?? "", "base64");
  const card = decodeCard(bytes);
  if (card && model && !isOfModel(bytes, model)) throw otherModel("other_model");
  return card;
}

function firstSeen(vector: Float32Array | undefined, arm: Arm, hit: Hit, card: Card): Joined | undefined {
  const cosine =
    vector === undefined
      ? 0
      : arm === "knn"
        ? cosineOfScore(hit._score ?? 0)
        : cosineVec8(vector, Buffer.from(hit.fields?.vec8?.[0] ?? "", "base64"));
  if (cosine === undefined) return undefined;
  return { ...card, cosine, bm25: 0, entity: 0, rare: [], valid: validOf(hit), layer: layerOf(hit) };
}

function layerOf({ matched_queries: matched }: Hit): Candidate["layer"] {
  return matched && LAYERS.find((layer) => matched.includes(layer));
}

/** Milliseconds since 1970, where they were asked for. */
function validOf({ fields }: Hit): Candidate["valid"] {
  const [from] = fields?.valid_from ?? [];
  const to = Number(fields?.valid_to?.[0] ?? OPEN_END);
  if (from === undefined) return undefined;
  return { from: new Date(Number(from)), to: to < OPEN_END ? new Date(to) : undefined };
}

/** Lucene's maximum inner product score: `1 + x` for x >= 0, `1 / (1 - x)` below. */
function cosineOfScore(score: number): number {
  const product = score >= 1 ? score - 1 : 1 - 1 / score;
  return Math.max(-1, Math.min(1, product));
}
