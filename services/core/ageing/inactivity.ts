import { NIL } from "uuid";
import type { MemoryArchive } from "../memory/archive.ts";
import type { Settings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import { DAY_MS } from "../time/day.ts";
import type { AgeingStore } from "./ageing-store.ts";
import type { InactivityStore } from "./inactivity-store.ts";
import { type WalkCursor, walkProjects } from "./project-walk.ts";
import type { StepOptions } from "./step-options.ts";

export interface InactivityDeps {
  readonly store: Pick<AgeingStore, "nextProject">;
  readonly inactivity: InactivityStore;
  readonly archive: MemoryArchive;
  readonly settings: SettingsOf;
  readonly now: () => Date;
}

export interface InactivityReport {
  readonly archived: number;
  readonly restored: number;
  /** Undefined at the end. */
  readonly next: WalkCursor | undefined;
}

const PERSONS_AT_ONCE = 200;
const MEMORIES_AT_ONCE = 500;
const NOBODY = { archived: 0, restored: 0 };

/**
 * Archives the memories of persons who were away for as long as their project sets, and brings back those of who is there
 * again and whose message or search did not bring back all of them; a page of one project's persons.
 */
export async function archiveInactive(
  deps: InactivityDeps,
  tenantId: string,
  cursor: WalkCursor,
  { forMs = Number.POSITIVE_INFINITY, signal }: StepOptions = {},
): Promise<InactivityReport> {
  const until = performance.now() + forMs;
  const daysOf = ({ ageing }: Settings) => ageing?.archiveInactiveDays || undefined;
  const at = await walkProjects(deps, tenantId, cursor, daysOf, { until, signal });
  if (!at?.rule) return { ...NOBODY, next: at && { projectId: at.projectId } };
  const { projectId, rule: days } = at;
  const page = {
    activeSince: new Date(deps.now().getTime() - days * DAY_MS),
    after: projectId === cursor.projectId ? cursor.after : undefined,
    limit: PERSONS_AT_ONCE,
  };
  const { moving, next } = await deps.inactivity.persons(tenantId, projectId, page, signal);
  const counts = { ...NOBODY };
  let last = page.after ?? NIL;
  for (const { subjectId, state } of moving) {
    const person = { projectId, subjectId, activeSince: page.activeSince };
    const [moves, count] =
      state === "away"
        ? ([archiving(deps, tenantId, person, signal), "archived"] as const)
        : ([restoring(deps, tenantId, person, signal), "restored"] as const);
    for await (const moved of moves) {
      counts[count] += moved;
      // What was moved is not found again: whoever begins with the same person comes further.
      if (moved > 0 && performance.now() >= until) return { ...counts, next: { projectId, after: last } };
    }
    last = subjectId;
  }
  return { ...counts, next: { projectId, after: next } };
}

/** Yields how many were archived, part by part. */
async function* archiving(
  { inactivity }: Pick<InactivityDeps, "inactivity">,
  tenantId: string,
  person: Parameters<InactivityStore["archiveAway"]>[1],
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  const { projectId, subjectId } = person;
  for (;;) {
    signal?.throwIfAborted();
    const targets = await inactivity.present(tenantId, projectId, subjectId, MEMORIES_AT_ONCE, signal);
    if (targets.length === 0) return;
    const { archived } = await inactivity.archiveAway(tenantId, person, targets, signal);
    yield archived.length;
    // Somebody is at work there: they are no longer away.
    if (archived.length < targets.length) return;
  }
}

/** Yields how many were brought back, part by part. */
async function* restoring(
  { inactivity, archive }: Pick<InactivityDeps, "inactivity" | "archive">,
  tenantId: string,
  { projectId, subjectId }: { readonly projectId: string; readonly subjectId: string },
  signal: AbortSignal | undefined,
): AsyncGenerator<number> {
  for (;;) {
    signal?.throwIfAborted();
    const ids = await inactivity.asleep(tenantId, projectId, subjectId, MEMORIES_AT_ONCE, signal);
    if (ids.length === 0) return;
    const why = { archivedFor: "inactive", because: "returned" } as const;
    const restored = await archive.restoreAll(tenantId, ids, why, signal);
    yield restored.length;
    if (restored.length === 0) return;
  }
}

/** Brings back all that was archived while a person was away. @returns how many. */
export async function restoreAllOf(
  deps: Pick<InactivityDeps, "inactivity" | "archive">,
  tenantId: string,
  person: { readonly projectId: string; readonly subjectId: string },
): Promise<number> {
  let total = 0;
  for await (const restored of restoring(deps, tenantId, person, undefined)) total += restored;
  return total;
}
