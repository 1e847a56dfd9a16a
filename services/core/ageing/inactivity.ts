import type { MemoryArchive } from "../memory/archive.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { AgeingStore } from "./ageing-store.ts";
import type { InactivityStore } from "./inactivity-store.ts";

export interface InactivityDeps {
  readonly store: Pick<AgeingStore, "nextProject">;
  readonly inactivity: InactivityStore;
  readonly archive: MemoryArchive;
  readonly settings: SettingsOf;
  readonly now: () => Date;
}

/** Where a walk over a tenant's persons is. */
export type InactivityCursor = {
  readonly projectId?: string | undefined;
  /** The last person of the project that was looked at. */
  readonly after?: string | undefined;
};

export interface InactivityReport {
  readonly archived: number;
  readonly restored: number;
  /** Undefined at the end. */
  readonly next: InactivityCursor | undefined;
}

const PERSONS_AT_ONCE = 200;
const MEMORIES_AT_ONCE = 500;
const DAY_MS = 86_400_000;

/**
 * Archives the memories of persons who were away for as long as their project sets, and brings back those of who is there
 * again and whose message or search did not bring back all of them; a page of one project's persons.
 */
export async function archiveInactive(
  deps: InactivityDeps,
  tenantId: string,
  cursor: InactivityCursor,
  signal?: AbortSignal,
): Promise<InactivityReport> {
  const { store, inactivity, settings, now } = deps;
  let projectId = cursor.after
    ? cursor.projectId
    : await store.nextProject(tenantId, cursor.projectId, signal);
  while (projectId !== undefined) {
    const days = (await settings.of(tenantId, projectId)).ageing?.archiveInactiveDays;
    if (days) {
      const page = {
        activeSince: new Date(now().getTime() - days * DAY_MS),
        after: projectId === cursor.projectId ? cursor.after : undefined,
        limit: PERSONS_AT_ONCE,
      };
      const { moving, next } = await inactivity.persons(tenantId, projectId, page, signal);
      const counts = { archived: 0, restored: 0 };
      for (const { subjectId, state } of moving) {
        if (state === "away")
          counts.archived += await archiveAllOf(
            deps,
            tenantId,
            { projectId, subjectId, activeSince: page.activeSince },
            signal,
          );
        else counts.restored += await restoreAllOf(deps, tenantId, projectId, subjectId, signal);
      }
      return { ...counts, next: { projectId, after: next } };
    }
    projectId = await store.nextProject(tenantId, projectId, signal);
  }
  return { archived: 0, restored: 0, next: undefined };
}

async function archiveAllOf(
  { inactivity }: Pick<InactivityDeps, "inactivity">,
  tenantId: string,
  person: Parameters<InactivityStore["archiveAway"]>[1],
  signal: AbortSignal | undefined,
): Promise<number> {
  const { projectId, subjectId } = person;
  let total = 0;
  for (;;) {
    signal?.throwIfAborted();
    const targets = await inactivity.present(tenantId, projectId, subjectId, MEMORIES_AT_ONCE, signal);
    if (targets.length === 0) return total;
    const { archived } = await inactivity.archiveAway(tenantId, person, targets, signal);
    total += archived.length;
    // Somebody is at work there: they are no longer away.
    if (archived.length < targets.length) return total;
  }
}

/** Brings back all that was archived while a person was away. @returns how many. */
export async function restoreAllOf(
  { inactivity, archive }: Pick<InactivityDeps, "inactivity" | "archive">,
  tenantId: string,
  projectId: string,
  subjectId: string,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0;
  for (;;) {
    signal?.throwIfAborted();
    const ids = await inactivity.asleep(tenantId, projectId, subjectId, MEMORIES_AT_ONCE, signal);
    if (ids.length === 0) return total;
    const why = { archivedFor: "inactive", because: "returned" } as const;
    const restored = await archive.restoreAll(tenantId, ids, why, signal);
    total += restored.length;
    if (restored.length === 0) return total;
  }
}
