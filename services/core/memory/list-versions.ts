import type { Tenancy } from "../tenancy/caller.ts";
import { pageSizeOf } from "../tenancy/page-size.ts";
import type { Memory } from "./memory.ts";
import type { MemoryStore } from "./memory-store.ts";

/**
 * One page of a memory's versions, newest first.
 *
 * @param listing a `pageSize` of 0 takes the default.
 * @throws MnemeError MEMORY_NOT_FOUND, PAGE_TOKEN_INVALID.
 */
export function listVersions(
  { memories }: { readonly memories: Pick<MemoryStore, "versions"> },
  tenancy: Tenancy,
  listing: Parameters<MemoryStore["versions"]>[1],
  signal?: AbortSignal,
): Promise<{ readonly memories: readonly Memory[]; readonly nextPageToken: string }> {
  return memories.versions(tenancy, { ...listing, pageSize: pageSizeOf(listing.pageSize) }, signal);
}
