import type { MemoryKind, MemoryOrigin } from "@mneme/core/memory/memory.ts";
import { TELLING_EVENTS } from "@mneme/core/profile/profile.ts";
import type { ProfileReading } from "@mneme/core/profile/profile-store.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { foundThen } from "./found-then.ts";
import { ANY_VERSION, CURRENT_VERSION, FENCE, NOT_ARCHIVED, NOT_EXPIRED, NOT_FENCED } from "./memory-rows.ts";
import type { Query, TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { knownThen, NOT_OVER, validThen } from "./version-times.ts";

export interface ProfileRow {
  readonly id: string;
  readonly text_ct: Buffer;
  readonly detail_ct: Buffer;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly said_at: Date;
  readonly valid_from: Date;
  readonly total: string;
}

export interface SlotsRow {
  readonly memory_id: string;
  /** From 1 on, in the list of attributes that was asked for. */
  readonly places: readonly number[];
}

export interface SaidRow {
  readonly memory_id: string;
  readonly message_id: string;
  readonly sent_at: Date | null;
}

/** Memories of a person that are looked through, newest first. */
const MOST_LOOKED_THROUGH = 10_000;

const NOW = `${CURRENT_VERSION} ${FENCE} where ${NOT_EXPIRED} and ${NOT_FENCED} and ${NOT_OVER}`;

/** `$6` moves valid time and `$7` record time, neither past the fence or an expiry. */
const AT_ANOTHER_TIME = `${ANY_VERSION}
    and case when $7::timestamptz is null then v.version = m.current_version and v.recorded_to is null
        else ${knownThen("$7")} end
  ${FENCE}
  where ${NOT_EXPIRED} and ${NOT_FENCED}
    and case when $6::timestamptz is null then ${NOT_OVER} else ${validThen("$6")} end`;

const FOUND_THEN = foundThen({ asOf: "$6", knownAt: "$7" });

/**
 * The most important memories of each category, of all categories alike. What they are worth is looked at again once
 * they are read, with how often they were said: here it only decides which are read.
 */
export function materialQuery(
  { tenantId, projectId }: TenantReader,
  ids: ScopeIds,
  { kinds, categories, asOf, knownAt, limit }: ProfileReading,
): Query<ProfileRow> {
  const isPast = asOf !== undefined || knownAt !== undefined;
  const scope = scopeFilter(ids, "m", isPast ? 8 : 6);
  const restrictions = [
    kinds.length > 0 ? "and v.kind = any ($4::text[])" : "and $4::text[] is not null",
    categories.length > 0 ? "and v.category = any ($5::text[])" : "and $5::text[] is not null",
  ].join(" ");
  return {
    name: `profile_${isPast ? "past" : "now"}_${kinds.length > 0}_${categories.length > 0}_${scope.shape}`,
    text: `
      with found as (
        select m.id, v.version, v.category,
          .45 * v.importance + .2 * v.confidence
            + .2 * power(.5::float8, greatest(0, extract(epoch from now() - v.said_at))::float8 / 31536000) as worth
        from (select * from memories m where m.tenant_id = $1 and m.project_id = $2
                and ${isPast ? FOUND_THEN : `${NOT_ARCHIVED} and m.state = 'active'`} ${scope.text}
              order by m.id desc limit ${MOST_LOOKED_THROUGH}) m
        ${isPast ? AT_ANOTHER_TIME : NOW} ${restrictions}
          and (v.kind <> 'episodic' or lower(v.category) in (${EVENTS}))),
      ranked as (
        select id, version, worth, count(*) over () as total,
          row_number() over (partition by lower(category) collate "C" order by worth desc, id desc) as place
        from found)
      select v.memory_id as id, v.text_ct, v.detail_ct, v.kind, v.category, v.confidence, v.importance, v.origin,
        v.said_at, v.valid_from, r.total
      from (select * from ranked order by place, worth desc limit $3) r
      join memory_versions v on v.tenant_id = $1 and v.memory_id = r.id and v.version = r.version`,
    values: [
      tenantId,
      projectId,
      limit,
      kinds,
      categories,
      ...(isPast ? [asOf ?? null, knownAt ?? null] : []),
      ...scope.values,
    ],
  };
}

const EVENTS = TELLING_EVENTS.map((category) => `'${category}'`).join(", ");

/** Messages of a memory that are named: the first, which says it, and the newest that say it again. */
const SOURCES = 20;

/** Which messages say these memories, and when; at another time those that were known to by then. */
export function saidQuery(
  tenantId: string,
  memoryIds: readonly string[],
  knownAt: Date | undefined,
): Query<SaidRow> {
  return {
    name: "profile_said",
    text: `select s.memory_id, s.message_id, t.sent_at
           from unnest($2::uuid[]) as m (id)
           cross join lateral (
             (select * from memory_sources where tenant_id = $1 and memory_id = m.id and ordinal = 0)
             union all
             (select * from memory_sources where tenant_id = $1 and memory_id = m.id and ordinal > 0
                and ($3::timestamptz is null or recorded_at is null or recorded_at <= $3)
              order by ordinal desc limit ${SOURCES - 1})) s
           left join messages t on t.tenant_id = $1 and t.id = s.message_id`,
    values: [tenantId, memoryIds, knownAt ?? null],
  };
}

/** Which of these attributes the memories tell of. @param slotMacs keyed hashes of the attributes. */
export function slotsQuery(
  tenantId: string,
  memoryIds: readonly string[],
  slotMacs: readonly Buffer[],
): Query<SlotsRow> {
  return {
    name: "profile_slots",
    text: `select memory_id, array_agg(array_position($3::bytea[], slot_mac)) as places from memory_slots
           where tenant_id = $1 and memory_id = any ($2::uuid[]) and slot_mac = any ($3::bytea[])
           group by memory_id`,
    values: [tenantId, memoryIds, slotMacs],
  };
}
