import { v7 as uuidv7 } from "uuid";
import type { FreshnessTokens } from "../freshness/freshness.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Memory } from "./memory.ts";
import type { MemoryStore } from "./memory-store.ts";

export interface ArchiveMemoryCommand {
  readonly rpc: "ArchiveMemory" | "RestoreMemory";
  readonly memoryId: string;
  /** Empty: any version. */
  readonly etag: string;
  /** Empty: made up here. */
  readonly requestId: string;
  /** Canonical bytes of the request. */
  readonly body: Uint8Array;
}

/**
 * Archives a memory by hand, or brings it back. What is as it should be already stays as it is: one that something else
 * archived keeps its reason and time.
 *
 * @returns the memory as it is now, absent where it was deleted after a request that is repeated.
 * @throws MnemeError MEMORY_NOT_FOUND, ETAG_MISMATCH, PERMISSION_MISSING, SUBJECT_FENCED, REQUEST_ID_REUSED.
 */
export async function archiveMemory(
  { memories, tokens }: { readonly memories: Pick<MemoryStore, "archive">; readonly tokens: FreshnessTokens },
  tenancy: Tenancy,
  { rpc, memoryId, etag, requestId, body }: ArchiveMemoryCommand,
  signal?: AbortSignal,
): Promise<{ readonly memory: Memory | undefined; readonly freshnessToken: string }> {
  const to = rpc === "ArchiveMemory" ? "archived" : "restored";
  const request = { rpc, requestId: requestId || uuidv7(), body };
  const changed = await memories.archive(tenancy, { memoryId, etag, to }, request, signal);
  const { revision, buckets } = changed;
  return {
    memory: changed.memories[0],
    freshnessToken: tokens.seal(tenancy, { type: "revision", revision, buckets }),
  };
}
