import type { Embedder } from "../embedding/embedder.ts";
import { type RenewedVectors, type RenewingDeps, renewAll } from "../embedding/renew-vectors.ts";
import { isClosedByTenant } from "../encryption/tenant-key.ts";
import { MnemeError } from "../errors.ts";
import type { IndexedMemory, IndexGeneration, WriteFailure } from "./memory-index.ts";

export interface VersionKey {
  readonly memoryId: string;
  readonly version: number;
}

export interface NewVector extends VersionKey {
  readonly vector: Float32Array;
}

export interface RecordedPage<Place> {
  /** What belongs to a person who is being erased is left out, so a page may hold fewer than were asked for. */
  readonly documents: readonly IndexedMemory[];
  /** Undefined after the last one. */
  readonly last: Place | undefined;
}

/** Between two marks of the record: after the one, up to the other. */
export interface Changes {
  readonly since: string;
  readonly until: string;
}

/** What a reindex needs of the record. */
export interface ReindexStore {
  /** Of the tenants of a pool, the one that comes after another in the order of ids, or the first. */
  nextTenant(pool: string, after: string | undefined, signal?: AbortSignal): Promise<string | undefined>;
  /** Whether a tenant is on its way to or from this pool. */
  isMoving(pool: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * This moment, for `changes`. Returns once all that changes before it is committed: it waits for the
   * transactions that are open, until `signal` aborts.
   */
  mark(signal?: AbortSignal): Promise<string>;
  /** A tenant's versions in the order of memory and version, from behind one of them or from the first. */
  page(
    tenantId: string,
    range: { readonly after: VersionKey | undefined; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<RecordedPage<VersionKey>>;
  /** A tenant's versions that the index must see as they are since, in the order of change; `last` is a mark. */
  changes(
    tenantId: string,
    range: Changes & { readonly limit: number },
    signal?: AbortSignal,
  ): Promise<RecordedPage<string>>;
  /** Has all versions of a tenant indexed anew by ingest, once they can be opened. */
  leaveUnindexed(tenantId: string, signal?: AbortSignal): Promise<void>;
  /** Versions that should be found in the index: those that were written to it once. */
  countIndexed(tenantId: string, signal?: AbortSignal): Promise<number>;
  /** Replaces vectors by another model's. */
  saveVectors(
    tenantId: string,
    model: string,
    vectors: readonly NewVector[],
    signal?: AbortSignal,
  ): Promise<void>;
}

/** What a reindex needs of the index beside its generations. */
export interface ReindexTarget {
  writeTo(
    generation: IndexGeneration,
    documents: readonly IndexedMemory[],
    signal?: AbortSignal,
  ): Promise<readonly WriteFailure[]>;
  refresh(signal?: AbortSignal): Promise<void>;
  countIn(
    generation: IndexGeneration,
    scope: { readonly tenantId: string },
    signal?: AbortSignal,
  ): Promise<number>;
}

export interface ReindexDeps {
  readonly store: ReindexStore;
  readonly index: ReindexTarget;
  readonly embedder: Embedder;
  /** What a project names instead; `embedder` for all where undefined. */
  readonly embedderFor?: (name: string | undefined) => Embedder;
  /** What embedding anew takes is counted by. */
  readonly spending?: RenewingDeps["spending"];
}

/** Where a copy stands: ids only. */
export interface ReindexCursor {
  readonly tenantId: string;
  /** The last version copied; undefined at the tenant's first. */
  readonly after?: VersionKey | undefined;
  /** Instead, where changes are copied: as far as they are. */
  readonly since?: string | undefined;
}

export interface CopiedPage {
  readonly written: number;
  readonly refused: number;
  readonly embedded: number;
  /** Undefined when everything is copied. */
  readonly next: ReindexCursor | undefined;
}

export interface CopyOptions {
  /** Where to go on; undefined begins with the first tenant. */
  readonly cursor: ReindexCursor | undefined;
  /** Copies only these; everything without. */
  readonly changes: Changes | undefined;
  /** Versions a page. */
  readonly limit: number;
}

/**
 * Copies the next page of the record into a generation that is being built. Versions of other models are
 * embedded anew, and their vectors kept. Repeating a page changes nothing.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when record, embedder or index do not answer.
 */
export async function copyPage(
  deps: ReindexDeps,
  generation: IndexGeneration,
  { cursor, changes, limit }: CopyOptions,
  signal?: AbortSignal,
): Promise<CopiedPage> {
  const { pool } = generation;
  const at = cursor ?? (await firstOf(deps.store, pool, undefined, signal));
  if (!at) return { written: 0, refused: 0, embedded: 0, next: undefined };
  const page = await copyOrLeave(deps, generation, { cursor: at, changes, limit }, signal);
  return { ...page, next: page.next ?? (await firstOf(deps.store, pool, at.tenantId, signal)) };
}

/** A tenant whose own key is revoked, or away, holds nobody else up: it is indexed once the key is back. */
async function copyOrLeave(
  deps: ReindexDeps,
  generation: IndexGeneration,
  options: CopyOptions & { readonly cursor: ReindexCursor },
  signal: AbortSignal | undefined,
): Promise<CopiedPage> {
  try {
    return await copyTenantPage(deps, generation, options, signal);
  } catch (error) {
    if (!isClosedByTenant(error)) throw error;
    await deps.store.leaveUnindexed(options.cursor.tenantId, signal);
    return { written: 0, refused: 0, embedded: 0, next: undefined };
  }
}

/** As `copyPage`, of the cursor's tenant alone. */
export async function copyTenantPage(
  deps: ReindexDeps,
  generation: IndexGeneration,
  { cursor: at, changes, limit }: CopyOptions & { readonly cursor: ReindexCursor },
  signal?: AbortSignal,
): Promise<CopiedPage> {
  const page = await readPage(deps.store, at, { changes, limit }, signal);
  const { documents, renewed } = await withVectors(deps, at.tenantId, generation, page.documents, signal);
  const failures = await deps.index.writeTo(generation, documents, signal);
  if (failures.some(({ retryable }) => retryable)) {
    throw new MnemeError(
      "unavailable",
      "DEPENDENCY_UNAVAILABLE",
      "the index took only a part; trying again",
      {
        metadata: { dependency: "opensearch" },
      },
    );
  }
  return {
    written: documents.length - failures.length,
    refused: failures.length,
    embedded: renewed.length,
    next: page.next,
  };
}

/** @returns `next` undefined at the tenant's end. */
async function readPage(
  store: ReindexStore,
  { tenantId, after, since }: ReindexCursor,
  { changes, limit }: Pick<CopyOptions, "changes" | "limit">,
  signal: AbortSignal | undefined,
): Promise<{ readonly documents: readonly IndexedMemory[]; readonly next: ReindexCursor | undefined }> {
  if (!changes) {
    const { documents, last } = await store.page(tenantId, { after, limit }, signal);
    return { documents, next: last && { tenantId, after: last } };
  }
  const range = { ...changes, since: since ?? changes.since, limit };
  const { documents, last } = await store.changes(tenantId, range, signal);
  return { documents, next: last === undefined ? undefined : { tenantId, since: last } };
}

async function firstOf(
  store: ReindexStore,
  pool: string,
  after: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ReindexCursor | undefined> {
  const tenantId = await store.nextTenant(pool, after, signal);
  return tenantId === undefined ? undefined : { tenantId };
}

async function withVectors(
  { embedder, embedderFor = () => embedder, store, spending }: ReindexDeps,
  tenantId: string,
  { model }: IndexGeneration,
  documents: readonly IndexedMemory[],
  signal: AbortSignal | undefined,
): Promise<RenewedVectors> {
  const isStandard = (one: IndexedMemory) => embedderFor(one.embedder) === embedder;
  const lacks = documents.some((one) => isStandard(one) && one.embeddingModel !== model);
  if (lacks && embedder.model !== model) {
    throw new MnemeError(
      "failed_precondition",
      "EMBEDDING_DIMENSION_MISMATCH",
      "this process embeds with another model",
      {
        metadata: { model: embedder.model, indexModel: model },
      },
    );
  }
  // Where the index is of another model than this process's, what is of that already is left to it.
  const vectors = await renewAll(
    { embedderFor, spending },
    tenantId,
    documents.filter((one) => !isStandard(one) || one.embeddingModel !== model),
    signal,
  );
  for (const [made, some] of Map.groupBy(vectors.renewed, ({ embeddingModel }) => embeddingModel))
    await store.saveVectors(tenantId, made, some, signal);
  const renewed = new Map(vectors.documents.map((one) => [`${one.memoryId}/${one.version}`, one]));
  return {
    documents: documents.map((one) => renewed.get(`${one.memoryId}/${one.version}`) ?? one),
    renewed: vectors.renewed,
  };
}

export interface Comparison {
  readonly tenantId: string;
  readonly recorded: number;
  readonly indexed: number;
}

/**
 * Compares a tenant's count in a generation with the record's. Deletions between the two questions can make
 * a complete index look short: ask again before believing it.
 */
export async function compareTenant(
  { store, index }: Pick<ReindexDeps, "store" | "index">,
  generation: IndexGeneration,
  tenantId: string,
  signal?: AbortSignal,
): Promise<Comparison> {
  const recorded = await store.countIndexed(tenantId, signal);
  const indexed = await index.countIn(generation, { tenantId }, signal);
  return { tenantId, recorded, indexed };
}
