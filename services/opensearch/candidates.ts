import { MnemeError } from "@mneme/core/errors.ts";
import {
  type Candidate,
  type CandidateQuery,
  type CandidateSet,
  type NearestQuery,
  type Neighbour,
  RARE_HOLDERS,
} from "@mneme/core/search/memory-index.ts";
import { credentialTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import { type Card, decodeCard, isOfModel } from "./card.ts";
import { engineErrorType, type IndexClient, unavailable } from "./client.ts";
import { filterClauses, saidWithinAny } from "./filter.ts";
import { tenantAlias } from "./tenant-alias.ts";
import { cosineVec8, vectorJson } from "./vector-codec.ts";

type Arm = "knn" | "keywords" | "entities" | { readonly rare: string };

export interface MultiSearch {
  readonly arms: readonly Arm[];
  /** Newline-delimited body of `_msearch`. */
  readonly lines: string;
}

interface Hit {
  readonly _score: number | null;
  readonly fields?: { readonly card?: readonly string[]; readonly vec8?: readonly string[] };
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

/** Words of a query beyond these are not asked for: each is a clause, and the engine allows 1,024. */
const MOST_KEYWORDS = 256;
const MOST_ENTITIES = 64;
const MOST_RARE_WORDS = 4;

/** Breadth of a walk through the graph: with k alone, five neighbours would be sought by a walk of five. */
const LEAST_EF = 100;

/** All that is read of an answer. */
export const ANSWER_FIELDS = [
  "took",
  "error.type",
  "responses.status",
  "responses.error.type",
  "responses.hits.hits._score",
  "responses.hits.hits.fields",
].join(",");

/**
 * The arms of a search as one body. Every arm carries the whole filter inside itself, the tenant
 * first: an alias filters only after kNN has picked its neighbours, so it is the second fence, not the first.
 */
export function multiSearch(query: CandidateQuery, now: Date): MultiSearch {
  const { filter, pool } = query;
  const clauses = filterClauses(filter, now);
  const head = searchHead(filter.tenantId);
  const arms: Arm[] = [];
  const bodies: string[] = [];
  const words = query.keywords.split(/\s+/u).filter((word) => word !== "");
  const keywords = words.slice(0, MOST_KEYWORDS).join(" ");
  const addArms = (within: readonly object[], size: number) => {
    if (query.vector !== undefined) {
      arms.push("knn");
      bodies.push(knnBody(query.vector, size, within));
    }
    if (keywords !== "") {
      arms.push("keywords");
      bodies.push(armBody(keywordQuery(query.keywordField ?? "window", keywords, within), size));
    }
  };
  addArms(clauses, pool);
  if (query.entities.length > 0) {
    arms.push("entities");
    bodies.push(armBody(entityQuery(query.entities.slice(0, MOST_ENTITIES), clauses), pool));
  }
  for (const word of (query.rare ?? []).slice(0, MOST_RARE_WORDS)) {
    arms.push({ rare: word });
    bodies.push(armBody(rareQuery(word, clauses), RARE_HOLDERS + 1));
  }
  const { saidWithin = [] } = query;
  if (saidWithin.length > 0) addArms([...clauses, saidWithinAny(saidWithin)], pool);
  return { arms, lines: bodies.map((body) => `${head}\n${body}\n`).join("") };
}

/** Where the work at hand holds credentials, it is that tenant's alias, whatever the filter asks for. */
function searchHead(askedFor: string): string {
  const tenantId = credentialTenant() ?? askedFor;
  return JSON.stringify({
    index: tenantAlias(tenantId),
    routing: tenantId,
    // The same copy for the same tenant: equal scores keep their order from page to page.
    preference: tenantId,
    allow_partial_search_results: false,
  });
}

/** The score gives the exact cosine, so the 8-bit copy stays behind. */
function knnBody(vector: Float32Array, k: number, clauses: readonly object[]): string {
  const filter = JSON.stringify({ bool: { filter: clauses } });
  const search = `"k":${k},"method_parameters":{"ef_search":${Math.max(k, LEAST_EF)}}`;
  const knn = `{"vector":{"vector":${vectorJson(vector)},${search},"filter":${filter}}}`;
  return `${armStart(k, ["card"])},"query":{"knn":${knn}}}`;
}

function armBody(query: object, size: number): string {
  return `${armStart(size, ["card", "vec8"])},"query":${JSON.stringify(query)}}`;
}

/** No stored field is read, not even `_id`: see card.ts. */
function armStart(size: number, fields: readonly string[]): string {
  const start = { size, track_total_hits: false, stored_fields: "_none_", docvalue_fields: fields };
  return JSON.stringify(start).slice(0, -1);
}

function keywordQuery(field: string, words: string, clauses: readonly object[]) {
  return { bool: { filter: clauses, must: [{ match: { [field]: { query: words } } }] } };
}

/** What the index takes for several terms ("ab-12") must all be there. */
function rareQuery(word: string, clauses: readonly object[]) {
  return { bool: { filter: [...clauses, { match: { text: { query: word, operator: "and" } } }] } };
}

function entityQuery(names: readonly string[], clauses: readonly object[]) {
  return {
    bool: {
      filter: clauses,
      should: names.map((name) => ({ term: { entities: name } })),
      minimum_should_match: 1,
    },
  };
}

export interface SearchOptions {
  readonly timeoutMs: number;
  /** `modelMark` of what made the queries' vectors. */
  readonly model: Buffer;
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
  const { arms, lines } = multiSearch(query, options.now ?? new Date());
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
    return `${searchHead(filter.tenantId)}\n${knnBody(vector, k, clauses)}\n`;
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
  return cosine === undefined ? undefined : { ...card, cosine, bm25: 0, entity: 0, rare: [] };
}

/** Lucene's maximum inner product score: `1 + x` for x >= 0, `1 / (1 - x)` below. */
function cosineOfScore(score: number): number {
  const product = score >= 1 ? score - 1 : 1 - 1 / score;
  return Math.max(-1, Math.min(1, product));
}
