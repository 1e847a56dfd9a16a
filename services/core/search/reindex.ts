import type { Embedder } from "../embedding/embedder.ts";
import { MnemeError } from "../errors.ts";
import type { IndexedMemory, IndexGeneration, WriteFailure } from "./memory-index.ts";

/** A version of a memory as the record holds it. */
export interface RecordedVersion {
  readonly document: IndexedMemory;
  /** What its vector was made with. */
  readonly embeddingModel: string;
}

export interface VersionKey {
  readonly memoryId: string;
  readonly version: number;
}

export interface NewVector extends VersionKey {
  readonly vector: Float32Array;
}

/** What a reindex needs of the record. */
export interface ReindexStore {
  /** The tenant that comes after another in the order of ids, or the first. */
  nextTenant(after: string | undefined, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * A tenant's versions in the order of memory and version, behind `after`. What belongs to a person who is
   * being erased is left out, so a page may hold fewer than `limit`; `last` is undefined after the last one.
   */
  page(
    tenantId: string,
    after: VersionKey | undefined,
    limit: number,
    signal?: AbortSignal,
  ): Promise<{ readonly versions: readonly RecordedVersion[]; readonly last: VersionKey | undefined }>;
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
  count(
    scope: { readonly tenantId: string },
    signal?: AbortSignal,
  ): Promise<readonly { readonly generation: number; readonly documents: number }[]>;
}

export interface ReindexDeps {
  readonly store: ReindexStore;
  readonly index: ReindexTarget;
  readonly embedder: Embedder;
}

/** Where a copy stands: ids only. */
export interface ReindexCursor {
  readonly tenantId: string;
  /** The last version copied; undefined at the tenant's first. */
  readonly after?: VersionKey | undefined;
}

export interface CopiedPage {
  readonly written: number;
  readonly refused: number;
  readonly embedded: number;
  /** Undefined when everything is copied. */
  readonly next: ReindexCursor | undefined;
}

/**
 * Copies the next page of the record into a generation that is being built. Versions of other models are
 * embedded anew, and their vectors kept. Repeating a page changes nothing.
 *
 * @param cursor undefined begins with the first tenant.
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when record, embedder or index do not answer.
 */
export async function copyPage(
  deps: ReindexDeps,
  generation: IndexGeneration,
  cursor: ReindexCursor | undefined,
  limit: number,
  signal?: AbortSignal,
): Promise<CopiedPage> {
  const at = cursor ?? (await firstOf(deps.store, undefined, signal));
  if (!at) return { written: 0, refused: 0, embedded: 0, next: undefined };
  const { versions, last } = await deps.store.page(at.tenantId, at.after, limit, signal);
  const { documents, embedded } = await withVectors(deps, at.tenantId, generation, versions, signal);
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
    embedded,
    next: last ? { tenantId: at.tenantId, after: last } : await firstOf(deps.store, at.tenantId, signal),
  };
}

async function firstOf(
  store: ReindexStore,
  after: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ReindexCursor | undefined> {
  const tenantId = await store.nextTenant(after, signal);
  return tenantId === undefined ? undefined : { tenantId };
}

/** Vectors of two models never meet in one index. */
async function withVectors(
  { embedder, store }: ReindexDeps,
  tenantId: string,
  generation: IndexGeneration,
  versions: readonly RecordedVersion[],
  signal: AbortSignal | undefined,
): Promise<{ documents: readonly IndexedMemory[]; embedded: number }> {
  const foreign = versions.filter(({ embeddingModel }) => embeddingModel !== generation.model);
  if (foreign.length === 0) return { documents: versions.map(({ document }) => document), embedded: 0 };
  if (embedder.model !== generation.model) {
    throw new MnemeError(
      "failed_precondition",
      "EMBEDDING_DIMENSION_MISMATCH",
      "this process embeds with another model",
      {
        metadata: { model: embedder.model, indexModel: generation.model },
      },
    );
  }
  const texts = foreign.map(({ document }) => document.text);
  const vectors = await embedder.embed(texts, { purpose: "document", ...(signal && { signal }) });
  const vectorOf = new Map(foreign.map(({ document }, i) => [document, vectors[i] as Float32Array]));
  const saved = [...vectorOf].map(([{ memoryId, version }, vector]) => ({ memoryId, version, vector }));
  await store.saveVectors(tenantId, embedder.model, saved, signal);
  const documents = versions.map(({ document }) => {
    const vector = vectorOf.get(document);
    return vector ? { ...document, vector } : document;
  });
  return { documents, embedded: foreign.length };
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
  generation: number,
  tenantId: string,
  signal?: AbortSignal,
): Promise<Comparison> {
  const recorded = await store.countIndexed(tenantId, signal);
  const counts = await index.count({ tenantId }, signal);
  const indexed = counts.find((each) => each.generation === generation)?.documents ?? 0;
  return { tenantId, recorded, indexed };
}
