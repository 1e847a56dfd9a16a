/**
 * Why a memory is archived: somebody asked for it; a summary tells it; it faded with time; its person was inactive for
 * long; its review was overdue; its scope was full.
 */
export type ArchiveReason = "by_hand" | "consolidated" | "faded" | "inactive" | "stale" | "full";

/** Why one came back: somebody asked for it; it was told again; its person returned; what archived it was undone. */
export type RestoreReason = "by_hand" | "told_again" | "returned" | "undone";

/** A memory to archive, as it was when that was decided. */
export interface ArchiveTarget {
  readonly memoryId: string;
  readonly version: number;
  /** Where set, it must not have been said again since either; as read with the version. */
  readonly revision?: string | undefined;
  /** Where set, it must not have been used since either: the newest sign of it that was read. */
  readonly refreshedAt?: Date | undefined;
}

export interface ArchivedReport {
  readonly archived: readonly string[];
  /** Left alone: changed meanwhile, archived already, gone, or of a person who is fenced. */
  readonly left: readonly string[];
}

/** The archive as work over a whole tenant sees it, whoever's the memories are. */
export interface MemoryArchive {
  /**
   * Archives memories in one transaction, under the locks of all writers. What changed since it was read is left alone.
   *
   * @param targets a thousand at most.
   */
  archiveAll(
    tenantId: string,
    targets: readonly ArchiveTarget[],
    reason: ArchiveReason,
    signal?: AbortSignal,
  ): Promise<ArchivedReport>;
  /**
   * Restores those of the memories that are archived for a reason; they are indexed anew.
   *
   * @param memoryIds a thousand at most.
   * @returns the ids of those that came back.
   */
  restoreAll(
    tenantId: string,
    memoryIds: readonly string[],
    why: { readonly archivedFor: ArchiveReason; readonly because: RestoreReason },
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
}

/** One time in a memory's archive. */
export interface Archiving {
  readonly memoryId: string;
  readonly archivedAt: Date;
  readonly reason: ArchiveReason;
  /** Undefined while it is archived. */
  readonly restored: { readonly at: Date; readonly because: RestoreReason } | undefined;
}
