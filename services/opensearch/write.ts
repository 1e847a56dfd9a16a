import type { IndexedMemory, IndexGeneration, WriteFailure } from "@mneme/core/search/memory-index.ts";
import { type BulkItem, bulk } from "./bulk.ts";
import type { IndexClient } from "./client.ts";
import { documentId, documentJson } from "./document.ts";
import type { Generations } from "./generation.ts";
import { otherVectorField, writeAlias } from "./generation-index.ts";

export interface WriteOptions {
  /** As `BulkItem`. */
  readonly isCopy?: boolean;
}

/** Writes what fits into one generation. @returns what it refused, with what does not fit. */
export async function writeDocuments(
  client: IndexClient,
  generations: Generations,
  generation: IndexGeneration,
  documents: readonly IndexedMemory[],
  { isCopy = false }: WriteOptions,
  signal?: AbortSignal,
): Promise<WriteFailure[]> {
  const misfits = documents.filter((each) => vectorFieldOf(generation, each) === undefined);
  const fitting = documents.filter((each) => vectorFieldOf(generation, each) !== undefined);
  const items = fitting.map((each) => toItem(each, vectorFieldOf(generation, each) ?? "", isCopy));
  const failures = await bulk(client, writeAlias(generation.index), items, signal);
  const retired = failures.some((each) => each.type === "index_not_found_exception");
  if (retired) generations.forget();
  // An index that was retired meanwhile needs nothing; one that is listed and missing is a fault.
  const gone = retired && !(await generations.live(signal)).some((each) => each.index === generation.index);
  const byId = new Map(fitting.map((each) => [idOf(each), each]));
  return [
    // A field of another model is made as soon as a worker starts that offers it.
    ...misfits.map((each) => failure(each, "embedding_model_mismatch", each.embedder !== undefined)),
    ...failures.flatMap(({ item, type, retryable }) => {
      const document = byId.get(item.id);
      return document === undefined || gone ? [] : [failure(document, type, retryable)];
    }),
  ];
}

/** Where a document's vector belongs; undefined where the generation has no place for it. */
function vectorFieldOf(
  { model, dimension, otherVectors }: IndexGeneration,
  { embeddingModel, vector }: IndexedMemory,
): string | undefined {
  if (embeddingModel === model) return vector.length === dimension ? "vector" : undefined;
  const field = otherVectorField(embeddingModel);
  return otherVectors[field] === vector.length ? field : undefined;
}

function toItem(memory: IndexedMemory, vectorField: string, isCopy: boolean): BulkItem {
  return {
    action: "index",
    isCopy,
    id: idOf(memory),
    routing: memory.tenantId,
    revision: memory.revision,
    json: documentJson(memory, vectorField),
  };
}

function idOf(memory: IndexedMemory): string {
  return documentId(memory.tenantId, memory.memoryId, memory.version);
}

function failure(memory: IndexedMemory, type: string, retryable: boolean): WriteFailure {
  return { memoryId: memory.memoryId, version: memory.version, type, retryable };
}

/** One failure a document, whatever number of generations refused it; a permanent one says most. */
export function distinct(failures: readonly WriteFailure[]): WriteFailure[] {
  const byId = new Map<string, WriteFailure>();
  for (const each of failures) {
    const id = `${each.memoryId}:${each.version}`;
    if (byId.get(id)?.retryable !== false) byId.set(id, each);
  }
  return [...byId.values()];
}
