import { v7 as uuidv7 } from "uuid";
import type { Tenancy } from "../tenancy/caller.ts";
import type { MemoryStore } from "./memory-store.ts";

export interface DeleteMemoriesCommand {
  readonly rpc: "DeleteMemory" | "BatchDeleteMemories";
  /** An empty etag means any version. */
  readonly targets: readonly { readonly memoryId: string; readonly etag: string }[];
  /** Empty: made up here. */
  readonly requestId: string;
  /** Canonical bytes of the request. */
  readonly body: Uint8Array;
}

/**
 * Deletes memories with all their versions, all or none.
 *
 * @returns how many; a memory named twice counts once.
 * @throws MnemeError MEMORY_NOT_FOUND, ETAG_MISMATCH, SUBJECT_FENCED, REQUEST_ID_REUSED.
 */
export function deleteMemories(
  { memories }: { readonly memories: Pick<MemoryStore, "delete"> },
  tenancy: Tenancy,
  { rpc, targets, requestId, body }: DeleteMemoriesCommand,
  signal?: AbortSignal,
): Promise<number> {
  const once = [...new Map(targets.map((target) => [target.memoryId, target])).values()];
  return memories.delete(tenancy, once, { rpc, requestId: requestId || uuidv7(), body }, signal);
}
