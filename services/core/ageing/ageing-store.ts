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
  /** By which rule all of a project's memories were looked at last; undefined: by none, or by several. */
  fadingRule(tenantId: string, projectId: string, signal?: AbortSignal): Promise<string | undefined>;
  /** Notes that some are about to be looked at by another. */
  forgetFadingRule(tenantId: string, projectId: string, signal?: AbortSignal): Promise<void>;
  /** Notes that they were. */
  noteFadingRule(tenantId: string, projectId: string, rule: string, signal?: AbortSignal): Promise<void>;
  /**
   * Memories that a search may show, in the order of their ids; those of fenced persons are left out.
   *
   * @param page `due`: only those that may have faded by then, as `noteFading` was told; undefined: all.
   */
  aged(
    tenantId: string,
    projectId: string,
    page: {
      readonly due: Date | undefined;
      readonly after: string | undefined;
      readonly limit: number;
    },
    signal?: AbortSignal,
  ): Promise<readonly AgedMemory[]>;
  /** Notes when they are to be looked at again; not of those that have another version by now. Undefined: never. */
  noteFading(
    tenantId: string,
    memories: readonly (ArchiveTarget & { readonly fadesAt: Date | undefined })[],
    signal?: AbortSignal,
  ): Promise<void>;
}
