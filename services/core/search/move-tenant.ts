import type { IndexGeneration } from "./memory-index.ts";

/** What a move of a tenant between pools needs of the index, beside its generations. */
export interface TenantMoves {
  /** Whether a generation has this version's mapping, and the vectors of this model. */
  fits(generation: IndexGeneration, model: string): boolean;
  /** Makes what was written to a generation searchable. */
  refresh(generation: IndexGeneration, signal?: AbortSignal): Promise<void>;
  /** Lets the tenant be read from there and from nowhere else, in one step. */
  swap(tenantId: string, to: IndexGeneration, signal?: AbortSignal): Promise<void>;
  /**
   * Removes the tenant's documents from every generation of a pool, from the disk too; a pool of its own goes whole. What is
   * removed so may come back, unlike what was deleted.
   *
   * @returns how many documents were deleted one by one.
   * @throws MnemeError `failed_precondition` where the tenant is read from there.
   */
  remove(tenantId: string, pool: string, signal?: AbortSignal): Promise<number>;
}
