import type { MemoryArchive } from "../memory/archive.ts";
import type { MemoryKind } from "../memory/memory.ts";
import type { AgeingSettings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { AgeingStore } from "./ageing-store.ts";
import { fadedBefore, strengthOf } from "./strength.ts";

export interface FadeDeps {
  readonly store: AgeingStore;
  readonly archive: Pick<MemoryArchive, "archiveAll">;
  readonly settings: SettingsOf;
  readonly now: () => Date;
}

/** Where a walk over a tenant's memories is. */
export type FadeCursor = {
  readonly projectId?: string | undefined;
  /** The last memory of the project that was looked at. */
  readonly after?: string | undefined;
};

export interface FadeReport {
  readonly archived: number;
  /** What changed while it was looked at, and so stays. */
  readonly left: number;
  /** Undefined at the end. */
  readonly next: FadeCursor | undefined;
}

const MEMORIES_AT_ONCE = 500;

/**
 * Archives what has faded, a page of one project's memories; projects that set nothing are passed over. What is told,
 * changed or used meanwhile stays.
 */
export async function archiveFaded(
  { store, archive, settings, now }: FadeDeps,
  tenantId: string,
  cursor: FadeCursor,
  signal?: AbortSignal,
): Promise<FadeReport> {
  let projectId = cursor.after
    ? cursor.projectId
    : await store.nextProject(tenantId, cursor.projectId, signal);
  while (projectId !== undefined) {
    const rule = fadingBy((await settings.of(tenantId, projectId)).ageing ?? {}, now());
    if (rule) {
      const { after } = projectId === cursor.projectId ? cursor : {};
      const page = { kinds: rule.kinds, after, limit: MEMORIES_AT_ONCE };
      const memories = await store.aged(tenantId, projectId, page, signal);
      const faded = memories.filter(
        (memory) =>
          strengthOf({ ...memory, halfLifeDays: rule.halfLives.get(memory.kind) }, now()) < rule.below,
      );
      const { archived, left } =
        faded.length > 0
          ? await archive.archiveAll(tenantId, faded, "faded", signal)
          : { archived: [], left: [] };
      const last = memories.length < MEMORIES_AT_ONCE ? undefined : memories.at(-1)?.memoryId;
      return { archived: archived.length, left: left.length, next: { projectId, after: last } };
    }
    projectId = await store.nextProject(tenantId, projectId, signal);
  }
  return { archived: 0, left: 0, next: undefined };
}

/** What a project's settings say of fading; undefined where nothing of it fades into the archive. */
function fadingBy(ageing: AgeingSettings, now: Date) {
  const below = ageing.archiveBelow ?? 0;
  const halfLives = halfLivesOf(ageing);
  const kinds = new Map<MemoryKind, Date>();
  for (const [kind, days] of halfLives) {
    const before = fadedBefore(below, days, now);
    if (before) kinds.set(kind, before);
  }
  return kinds.size > 0 ? { below, halfLives, kinds } : undefined;
}

/** Of the kinds that fade. */
export function halfLivesOf(ageing: AgeingSettings): ReadonlyMap<MemoryKind, number> {
  const all = {
    semantic: ageing.semanticHalfLifeDays,
    episodic: ageing.episodicHalfLifeDays,
    procedural: ageing.proceduralHalfLifeDays,
  };
  return new Map(
    (Object.entries(all) as [MemoryKind, number | undefined][]).flatMap(([kind, days]) =>
      days ? [[kind, days]] : [],
    ),
  );
}
