import type { Embedder } from "../embedding/embedder.ts";
import { renewAll } from "../embedding/renew-vectors.ts";
import { MnemeError } from "../errors.ts";
import type { MemoryIndex } from "../search/memory-index.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { IngestStore, IngestTarget } from "./ingest-store.ts";

export interface IndexingDeps {
  readonly store: Pick<IngestStore, "loadUnindexed" | "markIndexed">;
  readonly index: Pick<MemoryIndex, "requireModel" | "write" | "remove" | "refresh">;
  /** The model that `index` writes for: what another process embedded with another is embedded anew. */
  readonly embedder: Embedder;
  /** As of `IngestDeps`. */
  readonly viewFor?: IngestDeps["viewFor"];
  readonly spending?: IngestDeps["spending"];
}

/** Ids and counts only: this stands in workflow histories. */
export interface IndexingReport {
  readonly written: number;
  readonly removed: number;
  /** Documents that the index refuses for good, or whose content is damaged: a fault of ours, for the alert. */
  readonly refused: number;
  readonly more: boolean;
}

/**
 * Brings the index up to the record for one target, makes it searchable and closes the extractions that
 * waited for it. External versions make repeating it harmless.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE while the index does not answer, and what the embedder throws;
 *   what was written stays.
 */
export async function indexPending(
  deps: IndexingDeps,
  target: IngestTarget,
  limit: number,
  signal?: AbortSignal,
): Promise<IndexingReport> {
  const pending = await deps.store.loadUnindexed(target, limit, signal);
  const { removals, unreadable, damaged } = pending;
  // What was deleted between the two reads must not be written behind its removal.
  const removed = new Set(removals.map(({ memoryId }) => memoryId));
  const kept = pending.documents.filter(({ memoryId }) => !removed.has(memoryId));
  if (removals.length > 0) {
    await deps.index.remove(
      target.tenantId,
      removals.map(({ memoryId, revision, mayReturn }) => {
        return { memoryId, revision: mayReturn ? Number(revision) : undefined };
      }),
      signal,
    );
  }
  // Nothing is embedded in vain while another model's generation is read.
  if (kept.length > 0) await deps.index.requireModel(target.tenantId, signal);
  const embedderFor = (name: string | undefined) => deps.viewFor?.(name).embedder ?? deps.embedder;
  const { spending } = deps;
  const { documents } = await renewAll({ embedderFor, spending }, target.tenantId, kept, signal);
  const failures = documents.length > 0 ? await deps.index.write(documents, signal) : [];
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
  await deps.index.refresh(signal);
  // What the index refuses for good would be tried for ever; the count raises an alert instead.
  const refused = new Set(failures.map(slotOf));
  for (const one of damaged) refused.add(slotOf(one));
  const versions = [...documents, ...unreadable, ...damaged].map(({ memoryId, version, revision }) => {
    return { memoryId, version, revision, refused: refused.has(slotOf({ memoryId, version })) };
  });
  await deps.store.markIndexed(target, { versions, removals }, signal);
  return {
    written: documents.length - failures.length,
    removed: removals.length,
    refused: refused.size,
    more: pending.documents.length + unreadable.length + damaged.length + removals.length >= limit,
  };
}

function slotOf({ memoryId, version }: { readonly memoryId: string; readonly version: number }): string {
  return `${memoryId}/${version}`;
}
