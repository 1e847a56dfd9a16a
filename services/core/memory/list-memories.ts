import type { Tenancy } from "../tenancy/caller.ts";
import { pageSizeOf } from "../tenancy/page-size.ts";
import type { Memory } from "./memory.ts";
import type { MemoryListing, MemoryStore } from "./memory-store.ts";

/**
 * One page of a scope's memories, newest first.
 *
 * @param listing a `pageSize` of 0 takes the default.
 * @throws MnemeError PAGE_TOKEN_INVALID.
 */
export function listMemories(
  { memories }: { readonly memories: Pick<MemoryStore, "list"> },
  tenancy: Tenancy,
  listing: MemoryListing,
  signal?: AbortSignal,
): Promise<{ readonly memories: readonly Memory[]; readonly nextPageToken: string }> {
  return memories.list(tenancy, { ...listing, pageSize: pageSizeOf(listing.pageSize) }, signal);
}
