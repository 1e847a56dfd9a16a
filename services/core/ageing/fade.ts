import { v5 as uuidv5 } from "uuid";
import type { MemoryArchive } from "../memory/archive.ts";
import type { MemoryKind } from "../memory/memory.ts";
import type { AgeingSettings, Settings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { AgeingStore } from "./ageing-store.ts";
import { type WalkCursor, walkProjects } from "./project-walk.ts";
import type { StepOptions } from "./step-options.ts";
import { fadesAt, strengthOf } from "./strength.ts";

export interface FadeDeps {
  readonly store: AgeingStore;
  readonly archive: Pick<MemoryArchive, "archiveAll">;
  readonly settings: SettingsOf;
  readonly now: () => Date;
}

/** Where a walk over a tenant's memories is. */
export type FadeCursor = WalkCursor & {
  /** By which rule, as a digest: by another one the project is walked from its beginning. */
  readonly rule?: string | undefined;
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
 * Archives what has faded, a page of one project's memories: of those that may have, or of all where its rules are others
 * than they were, or became others since the page before. Projects that set nothing are passed over. What is told, changed
 * or used meanwhile stays.
 */
export async function archiveFaded(
  deps: FadeDeps,
  tenantId: string,
  cursor: FadeCursor,
  { forMs = Number.POSITIVE_INFINITY, signal }: StepOptions = {},
): Promise<FadeReport> {
  const until = performance.now() + forMs;
  const ruleOf = ({ ageing = {} }: Settings) => fadingBy(ageing);
  const at = await walkProjects(deps, tenantId, cursor, ruleOf, { until, signal });
  if (!at?.rule) return { archived: 0, left: 0, next: at && { projectId: at.projectId } };
  return fadePage(deps, tenantId, { ...at, rule: at.rule }, cursor, signal);
}

async function fadePage(
  { store, archive, now }: FadeDeps,
  tenantId: string,
  { projectId, rule }: { readonly projectId: string; readonly rule: FadingRule },
  cursor: FadeCursor,
  signal: AbortSignal | undefined,
): Promise<FadeReport> {
  const digest = uuidv5(rule.name, projectId);
  const after = projectId === cursor.projectId && digest === cursor.rule ? cursor.after : undefined;
  const isOther = (await store.fadingRule(tenantId, projectId, signal)) !== rule.name;
  // From its first page on no rule is that of all: the walk may not come to its end.
  if (isOther && after === undefined) await store.forgetFadingRule(tenantId, projectId, signal);
  const page = { due: isOther ? undefined : now(), after, limit: MEMORIES_AT_ONCE };
  const memories = await store.aged(tenantId, projectId, page, signal);
  const looked = memories.map((memory) => ({ ...memory, halfLifeDays: rule.halfLives.get(memory.kind) }));
  const [faded, strong] = parted(looked, (memory) => strengthOf(memory, now()) < rule.below);
  const { archived, left } =
    faded.length > 0
      ? await archive.archiveAll(tenantId, faded, "faded", signal)
      : { archived: [], left: [] };
  const stays = new Set(left);
  const later = [...strong, ...faded.filter(({ memoryId }) => stays.has(memoryId))].map((memory) => {
    return { ...memory, fadesAt: fadesAt(memory, rule.below) };
  });
  await store.noteFading(tenantId, later, signal);
  const last = memories.length < MEMORIES_AT_ONCE ? undefined : memories.at(-1)?.memoryId;
  if (isOther && last === undefined) await store.noteFadingRule(tenantId, projectId, rule.name, signal);
  return { archived: archived.length, left: left.length, next: { projectId, after: last, rule: digest } };
}

function parted<T>(all: readonly T[], isFirst: (one: T) => boolean): readonly [readonly T[], readonly T[]] {
  const { true: first = [], false: rest = [] } = Object.groupBy(all, (one) => `${isFirst(one)}` as const);
  return [first, rest];
}

interface FadingRule {
  readonly below: number;
  /** Of the kinds that fade. */
  readonly halfLives: ReadonlyMap<MemoryKind, number>;
  /** The same for the same rule alone. */
  readonly name: string;
}

/** What a project's settings say of fading; undefined where nothing of it fades into the archive. */
function fadingBy(ageing: AgeingSettings): FadingRule | undefined {
  const below = ageing.archiveBelow ?? 0;
  const halfLives = halfLivesOf(ageing);
  if (below <= 0 || halfLives.size === 0) return undefined;
  return { below, halfLives, name: JSON.stringify([below, ...[...halfLives].sort()]) };
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
