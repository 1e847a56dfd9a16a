import { MnemeError } from "../errors.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Memory } from "./memory.ts";
import type { MemoryStore } from "./memory-store.ts";
import type { MemoryTimes } from "./times.ts";

export interface GetMemoryDeps {
  readonly memories: Pick<MemoryStore, "get">;
}

/**
 * One memory, as it is or as it was at other times.
 *
 * @throws MnemeError MEMORY_NOT_FOUND, also for one that was deleted, is fenced or another tenant's, and where at those
 *   times it did not hold or was not known.
 */
export async function getMemory(
  { memories }: GetMemoryDeps,
  tenancy: Tenancy,
  memoryId: string,
  times: MemoryTimes,
  signal?: AbortSignal,
): Promise<Memory> {
  const [memory] = await memories.get(tenancy, [memoryId], times, signal);
  if (!memory) throw memoryNotFound(memoryId);
  return memory;
}

/** The same for one that never was, was deleted, is fenced, or is another tenant's. */
export function memoryNotFound(memoryId: string): MnemeError {
  return new MnemeError("not_found", "MEMORY_NOT_FOUND", "no such memory", {
    metadata: { memory_id: memoryId },
  });
}

/**
 * Reads many, in the order asked for, each once; names those for which there is nothing.
 *
 * @throws MnemeError MESSAGE_TOO_LARGE where they don't fit into one answer; says how many do.
 */
export async function getMemories(
  { memories }: GetMemoryDeps,
  tenancy: Tenancy,
  memoryIds: readonly string[],
  times: MemoryTimes,
  signal?: AbortSignal,
): Promise<{ readonly memories: readonly Memory[]; readonly notFound: readonly string[] }> {
  const wanted = [...new Set(memoryIds)];
  const found = await memories.get(tenancy, wanted, times, signal);
  const ids = new Set(found.map(({ id }) => id));
  return { memories: found, notFound: wanted.filter((id) => !ids.has(id)) };
}
