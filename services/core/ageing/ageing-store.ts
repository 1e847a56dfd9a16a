import type { ArchiveTarget } from "../memory/archive.ts";
import type { MemoryKind } from "../memory/memory.ts";

/** A memory as ageing looks at it. */
export interface AgedMemory extends ArchiveTarget {
  readonly kind: MemoryKind;
  /** 0..1. */
  readonly importance: number;
  /** When it was last told, changed, used or restored. */
  readonly refreshedAt: Date;
}

/** What ageing reads of a tenant's record. */
export interface AgeingStore {
  /** The first project behind this one, by id; undefined behind the last. */
  nextProject(tenantId: string, after: string | undefined, signal?: AbortSignal): Promise<string | undefined>;
  /**
   * Memories that a search may show and that were first told before a time, in the order of their ids; those of fenced
   * persons are left out.
   *
   * @param kinds with the time before which each must have been told; others are left out.
   */
  aged(
    tenantId: string,
    projectId: string,
    page: {
      readonly kinds: ReadonlyMap<MemoryKind, Date>;
      readonly after: string | undefined;
      readonly limit: number;
    },
    signal?: AbortSignal,
  ): Promise<readonly AgedMemory[]>;
}
