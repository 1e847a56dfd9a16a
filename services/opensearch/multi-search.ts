import { type Analysis, DEFAULT_LANGUAGE, languageOf } from "@mneme/core/language/languages.ts";
import { searchable } from "@mneme/core/language/searchable.ts";
import { type CandidateQuery, RARE_HOLDERS } from "@mneme/core/search/memory-index.ts";
import { credentialTenant } from "@mneme/core/tenancy/credential-tenant.ts";
import { fieldOf, type WordField } from "./analysis.ts";
import { filterClauses, withinAny } from "./filter.ts";
import { tenantAlias } from "./tenant-alias.ts";
import { vectorJson } from "./vector-codec.ts";

/** What one search of several asks by. */
export type Arm = "knn" | "keywords" | "entities" | "newest" | { readonly rare: string };

export interface MultiSearch {
  readonly arms: readonly Arm[];
  /** Newline-delimited body of `_msearch`. */
  readonly lines: string;
}

/** Words of a query beyond these are not asked for: each is a clause, and the engine allows 1,024. */
const MOST_KEYWORDS = 256;
const MOST_ENTITIES = 64;
const MOST_RARE_WORDS = 4;

/** Breadth of a walk through the graph: with k alone, five neighbours would be sought by a walk of five. */
const LEAST_EF = 100;

/**
 * The arms of a search as one body. Every arm carries the whole filter inside itself, the tenant
 * first: an alias filters only after kNN has picked its neighbours, so it is the second fence, not the first.
 */
export function multiSearch(query: CandidateQuery, now: Date, vectorField = "vector"): MultiSearch {
  const { filter, pool } = query;
  const clauses = filterClauses(filter, now);
  const head = searchHead(filter.tenantId);
  const times = query.withTimes ? TIMES : [];
  const arms: Arm[] = [];
  const bodies: string[] = [];
  const analyses = analysesOf(query.languages ?? []);
  const words = query.keywords.split(/\s+/u).filter((word) => word !== "");
  const keywords = words.slice(0, MOST_KEYWORDS).join(" ");
  const addArms = (within: readonly object[], size: number) => {
    if (query.vector !== undefined) {
      arms.push("knn");
      bodies.push(knnBody(query.vector, size, within, { vectorField, fields: times }));
    }
    if (keywords !== "") {
      arms.push("keywords");
      const body = keywordQuery(query.keywordField ?? "window", analyses, keywords, within);
      bodies.push(armBody(body, size, times));
    }
  };
  addArms(clauses, pool);
  if (query.entities.length > 0) {
    arms.push("entities");
    bodies.push(armBody(entityQuery(query.entities.slice(0, MOST_ENTITIES), clauses), pool, times));
  }
  for (const word of (query.rare ?? []).slice(0, MOST_RARE_WORDS)) {
    arms.push({ rare: word });
    bodies.push(armBody(rareQuery(word, analyses, clauses), RARE_HOLDERS + 1, times));
  }
  if (query.newest !== undefined) {
    arms.push("newest");
    bodies.push(newestBody(query.newest, clauses, times));
  }
  const { within = [] } = query;
  if (within.length > 0) addArms([...clauses, withinAny(within)], pool);
  return { arms, lines: bodies.map((body) => `${head}\n${body}\n`).join("") };
}

/** Where the work at hand holds credentials, it is that tenant's alias, whatever the filter asks for. */
export function searchHead(askedFor: string): string {
  const tenantId = credentialTenant() ?? askedFor;
  return JSON.stringify({
    index: tenantAlias(tenantId),
    routing: tenantId,
    // The same copy for the same tenant: equal scores keep their order from page to page.
    preference: tenantId,
    allow_partial_search_results: false,
  });
}

/** Not in the card, whose layout every document has: few queries name a time. */
const TIMES: readonly string[] = ["valid_from", "valid_to"];

export interface KnnOptions {
  /** Where vectors of the query's model lie. */
  readonly vectorField?: string;
  /** Read of each hit beside its card. */
  readonly fields?: readonly string[];
}

/** The score gives the exact cosine, so the 8-bit copy stays behind. */
export function knnBody(
  vector: Float32Array,
  k: number,
  clauses: readonly object[],
  { vectorField = "vector", fields = [] }: KnnOptions = {},
): string {
  const filter = JSON.stringify({ bool: { filter: clauses } });
  const search = `"k":${k},"method_parameters":{"ef_search":${Math.max(k, LEAST_EF)}}`;
  const knn = `{"${vectorField}":{"vector":${vectorJson(vector)},${search},"filter":${filter}}}`;
  return `${armStart(k, ["card", ...fields])},"query":{"knn":${knn}}}`;
}

function armBody(query: object, size: number, fields: readonly string[]): string {
  return `${armStart(size, ["card", "vec8", ...fields])},"query":${JSON.stringify(query)}}`;
}

/** What was said last comes first, told again counted; of one moment whatever was learnt last. */
function newestBody(size: number, clauses: readonly object[], fields: readonly string[]): string {
  const query = JSON.stringify({ bool: { filter: clauses } });
  const sort = JSON.stringify([{ said_at: { order: "desc", mode: "max" } }, { memory_id: "desc" }]);
  return `${armStart(size, ["card", "vec8", ...fields])},"query":${query},"sort":${sort}}`;
}

/** No stored field is read, not even `_id`: see card.ts. */
function armStart(size: number, fields: readonly string[]): string {
  const start = { size, track_total_hits: false, stored_fields: "_none_", docvalue_fields: fields };
  return JSON.stringify(start).slice(0, -1);
}

/** Each way that the project's documents are analysed, once. */
function analysesOf(languages: readonly string[]): Analysis[] {
  const tags = languages.length > 0 ? languages : [DEFAULT_LANGUAGE];
  return [...new Set(tags.map((tag) => languageOf(tag).analysis))];
}

function keywordQuery(
  field: WordField,
  analyses: readonly Analysis[],
  words: string,
  clauses: readonly object[],
) {
  return { bool: { filter: clauses, must: [anyField(field, analyses, words, "or")] } };
}

/** What the index takes for several terms ("ab-12") must all be there. */
function rareQuery(word: string, analyses: readonly Analysis[], clauses: readonly object[]) {
  return { bool: { filter: [...clauses, anyField("text", analyses, word, "and")] } };
}

/** A document has one of the fields, so the best is the only one. */
function anyField(field: WordField, analyses: readonly Analysis[], words: string, operator: "or" | "and") {
  const queries = analyses.map((analysis) => {
    return { match: { [fieldOf(field, analysis)]: { query: searchable(words, analysis), operator } } };
  });
  return queries.length === 1 ? queries[0] : { dis_max: { queries } };
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
