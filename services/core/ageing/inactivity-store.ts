import type { ArchivedReport, ArchiveTarget } from "../memory/archive.ts";

/** A person whose memories are not where they belong. */
export interface MovingPerson {
  readonly subjectId: string;
  /** away: theirs are to be archived. back: what was archived while they were away is to return. */
  readonly state: "away" | "back";
}

/** What is read of who was active when, in one project at a time. */
export interface InactivityStore {
  /**
   * Looks through a page of the persons who have anything in the project, by id. Active is who sent a message, was searched
   * for, or has a memory that was told, changed, used or restored since then. The newest sign of who is active is noted: as
   * long as that is new enough they are not looked at again.
   */
  persons(
    tenantId: string,
    projectId: string,
    page: { readonly activeSince: Date; readonly after: string | undefined; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<{ readonly moving: readonly MovingPerson[]; readonly next: string | undefined }>;
  /** Some of a person's own memories that are not archived; what they told teams is the teams'. */
  present(
    tenantId: string,
    projectId: string,
    subjectId: string,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly ArchiveTarget[]>;
  /**
   * Archives a person's memories, a thousand at most, unless they were active by then: that is looked at in the same
   * transaction, under the locks of all writers. What changed since it was read is left alone.
   */
  archiveAway(
    tenantId: string,
    person: { readonly projectId: string; readonly subjectId: string; readonly activeSince: Date },
    targets: readonly ArchiveTarget[],
    signal?: AbortSignal,
  ): Promise<ArchivedReport>;
  /** Some of a person's memories that were archived while they were away, the newest first. */
  asleep(
    tenantId: string,
    projectId: string,
    subjectId: string,
    limit: number,
    signal?: AbortSignal,
  ): Promise<readonly string[]>;
}
