import { createHash } from "node:crypto";
import type { IndexGeneration, NewGeneration, VectorSpace } from "@mneme/core/search/memory-index.ts";
import { isOwnPool } from "@mneme/core/tenancy/placement.ts";
import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";
import { INDEX_PREFIX, SCHEMA_VERSION, vectorMapping } from "./template.ts";

/**
 * Where the list of generations lives: in the indices themselves. An index that exists is a live
 * generation, and `_meta` of its mapping says which. One place, changed in one step by the engine's
 * cluster manager, seen by every process.
 */
interface GenerationMeta {
  readonly pool: string;
  readonly generation: number;
  readonly model: string;
  readonly dimension: number;
  readonly state: IndexGeneration["state"];
  readonly schema: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** Where vectors of a model lie that is not the generation's own. */
export function otherVectorField(model: string): string {
  return `vector_${createHash("sha256").update(model).digest("hex").slice(0, 12)}`;
}

function vectorFields(others: readonly VectorSpace[]) {
  return Object.fromEntries(
    others.map(({ model, dimension }) => [otherVectorField(model), vectorMapping(dimension)]),
  );
}

/** Gives an index fields for vectors of more models; those that it has stay as they are. */
export async function addVectors(
  client: IndexClient,
  { index, otherVectors }: IndexGeneration,
  others: readonly VectorSpace[],
  signal?: AbortSignal,
): Promise<void> {
  const missing = others.filter(({ model }) => otherVectors[otherVectorField(model)] === undefined);
  if (missing.length === 0) return;
  const answer = await client.send<EngineError>({
    method: "PUT",
    path: `/${index}/_mapping`,
    body: { properties: vectorFields(missing) },
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}

/** The alias that writes name: with `require_alias`, a write can never create an index that was retired. */
export function writeAlias(index: string): string {
  return `${index}-write`;
}

/** Of a generation that is begun now. */
export function meta(pool: string, generation: number, wanted: NewGeneration): GenerationMeta {
  const { model, dimension } = wanted;
  const createdAt = new Date().toISOString();
  return { pool, generation, model, dimension, state: "building", schema: SCHEMA_VERSION, createdAt };
}

/** Those of several pools, oldest first, by one question. */
export async function listGenerations(client: IndexClient, pools: readonly string[], signal?: AbortSignal) {
  // The names of many pools would not fit into a path.
  const asked = pools.length === 1 ? pools[0] : "*";
  const answer = await client.send<Record<string, { mappings?: Mappings }>>({
    method: "GET",
    path: `/${INDEX_PREFIX}-${asked}-g*/_mapping`,
    query: {
      filter_path: "*.mappings._meta,*.mappings.properties.vector_*.dimension",
      expand_wildcards: "open",
      allow_no_indices: true,
    },
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body as EngineError));
  return Object.entries(answer.body)
    .flatMap(([index, { mappings }]) =>
      mappings?._meta ? [toGeneration(index, mappings._meta, mappings.properties)] : [],
    )
    .filter(({ pool }) => pools.includes(pool))
    .sort((a, b) => a.generation - b.generation);
}

interface Mappings {
  readonly _meta?: GenerationMeta;
  readonly properties?: Readonly<Record<string, { readonly dimension: number }>>;
}

function toGeneration(
  index: string,
  stored: GenerationMeta,
  properties: Mappings["properties"] = {},
): IndexGeneration {
  const { pool, generation, model, dimension, state, schema, createdAt } = stored;
  const otherVectors = Object.fromEntries(
    Object.entries(properties).map(([field, vector]) => [field, vector.dimension]),
  );
  return {
    index,
    pool,
    generation,
    model,
    dimension,
    state,
    schema,
    createdAt: new Date(createdAt),
    otherVectors,
  };
}

/** @returns false where the index already exists. */
export async function createIndex(
  client: IndexClient,
  stored: GenerationMeta,
  others: readonly VectorSpace[] = [],
  signal?: AbortSignal,
) {
  const index = `${INDEX_PREFIX}-${stored.pool}-g${stored.generation}`;
  const answer = await client.send<EngineError>({
    method: "PUT",
    path: `/${index}`,
    // The first copies of all shards, not only the metadata: the next call may already write.
    query: { wait_for_active_shards: "1", timeout: "30s" },
    timeoutMs: 40_000,
    body: {
      aliases: { [writeAlias(index)]: {} },
      // All of it would be routed to one shard of several.
      ...(isOwnPool(stored.pool) && { settings: { index: { number_of_shards: 1 } } }),
      mappings: {
        _meta: stored,
        properties: { vector: vectorMapping(stored.dimension), ...vectorFields(others) },
      },
    },
    signal,
  });
  if (answer.status === 200) return true;
  const type = engineErrorType(answer.body);
  if (type === "resource_already_exists_exception") return false;
  throw unavailable(answer.status, type);
}

/** Writes which state it is in where every process sees it. */
export async function setState(
  client: IndexClient,
  generation: IndexGeneration,
  state: IndexGeneration["state"],
  signal?: AbortSignal,
) {
  const { index, createdAt, otherVectors: _, ...rest } = generation;
  const answer = await client.send<EngineError>({
    method: "PUT",
    path: `/${index}/_mapping`,
    body: { _meta: { ...rest, state, createdAt: createdAt.toISOString() } satisfies GenerationMeta },
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}

/** Lets searches see what was written. */
export async function refreshIndex(client: IndexClient, index: string, signal?: AbortSignal) {
  const answer = await client.send<EngineError>({ method: "POST", path: `/${index}/_refresh`, signal });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}
