import type { EntityMerge, Reading } from "@mneme/core/graph/graph.ts";
import type { Groups } from "@mneme/core/graph/graph-store.ts";
import type { MergeRule } from "@mneme/core/graph/same-names.ts";
import { fenceJoin, notFenced } from "../fence.ts";
import { foundThen } from "../found-then.ts";
import { NOT_EXPIRED } from "../memory-rows.ts";
import type { Query, TenantReader } from "../read-together.ts";

/** A merge as it is read. */
export interface MergeRow {
  readonly id: string;
  readonly entity_id: string;
  readonly other_id: string;
  readonly rule: MergeRule;
  readonly merged_at: Date;
  readonly memory_id: string | null;
}

const MEMBERS = ["subject_id", "epoch", "agent_id", "app_id", "team_id"] as const;

/**
 * That a merge `g` holds for a reading: what a rule found holds wherever its place is read, what was merged by hand in
 * the scope that was named and within. Parameters from `first` on are the scope's members.
 */
function holds(first: number): string {
  const parameter = (i: number, type: string) => `$${first + i}::${type}`;
  const types = ["uuid", "integer", "uuid", "uuid", "uuid"];
  const found = MEMBERS.map((member, i) => {
    const value = parameter(i, types[i] ?? "uuid");
    return `(${value} is null or g.${member} = ${value})`;
  });
  const named = MEMBERS.filter((member) => member !== "epoch").map((member) => {
    const value = parameter(MEMBERS.indexOf(member), "uuid");
    return `(g.${member} is null or g.${member} = ${value})`;
  });
  const epoch = parameter(1, "integer");
  return `case when g.rule = 'hand'
    then ${named.join(" and ")} and (g.subject_id is null or g.epoch = ${epoch})
    else ${found.join(" and ")} and (${parameter(0, "uuid")} is not null or ${isNobodyElses(first)}) end`;
}

/**
 * That nobody else of whom a reader of many people reads means other names by these: whom Ana calls Bob, and which Sarah she
 * knows, tells nothing of Ben's Bob and Sarah. Names that differ in spelling alone are the same for all, and so are a team's.
 */
function isNobodyElses(first: number): string {
  const places = (["agent_id", "app_id"] as const).map((member) => {
    const value = `$${first + MEMBERS.indexOf(member)}::uuid`;
    return `(${value} is null or o.${member} = ${value})`;
  });
  return `(g.rule not in ('alias', 'part') or g.subject_id is null or g.team_id is not null or not exists (
    select from memory_entities t join memories o on o.tenant_id = t.tenant_id and o.id = t.memory_id
    where t.tenant_id = $1 and t.entity_id in (g.entity_id, g.other_id) and t.subject_id is distinct from g.subject_id
      and o.project_id = $2 and o.team_id is null and ${places.join(" and ")}
      and case when $4::timestamptz is null then t.recorded_to is null else t.recorded_from <= $4 end))`;
}

/** Names that a statement finds to be one with those it is given, these included: the nearest of all of them. */
const MOST_SAME = 5_000;

/**
 * Merges at a name, and over it at any other, by the reader's scope: a recursive table `same (origin, id)` to stand
 * behind `with recursive`, of each given name and all that are one with it, within bounds.
 *
 * @param given a table of `id`.
 * @param first number of the first of the parameters that `mergeValues` gives.
 */
export function sameNamesTable(given: string, first: number): string {
  return `merged (origin, id) as (
    select id, id from ${given}
    union
    select s.origin, g.id from merged s cross join lateral (${mergesAt("s.id", first, "far.id as id")}) g),
  same as materialized (select origin, id from merged limit ${MOST_SAME})`;
}

function mergesAt(name: string, first: number, columns: string): string {
  return `select ${columns} from (
      select g.*, g.other_id as far from entity_merges g where g.tenant_id = $1 and g.entity_id = ${name}
      union all
      select g.*, g.entity_id as far from entity_merges g where g.tenant_id = $1 and g.other_id = ${name}) g
    cross join lateral (select g.far as id) far
    left join memories m on m.tenant_id = g.tenant_id and m.id = g.memory_id
    ${fenceJoin("g")}
    where g.project_id = $2 and ${notFenced("g")}
      and ($4::timestamptz is null and g.split_at is null
        or g.merged_at <= $4 and (g.split_at is null or g.split_at > $4))
      and (g.memory_id is null or m.id is not null and ${NOT_EXPIRED}
        and ${foundThen({ asOf: "$3", knownAt: "$4" })}
        and ($3::timestamptz is not null or $4::timestamptz is not null or m.state = 'active'))
      and ${holds(first)}`;
}

/** What `sameNamesTable` takes. */
export function mergeValues({ ids }: Reading): readonly unknown[] {
  return [
    ids.subject?.id ?? null,
    ids.subject?.epoch ?? null,
    ids.agentId ?? null,
    ids.appId ?? null,
    ids.teamId ?? null,
  ];
}

/** Merges that the reading shows at these names and over them. */
export async function readGroups(
  reader: TenantReader,
  reading: Reading,
  nameIds: readonly string[],
  signal?: AbortSignal,
): Promise<Groups & { readonly rows: readonly MergeRow[] }> {
  if (nameIds.length === 0) return { entityOf: new Map(), merges: [], rows: [] };
  const query: Query<MergeRow> = {
    name: "graph_groups",
    text: `with recursive given as (select unnest($5::uuid[]) as id), ${sameNamesTable("given", 6)}
           select distinct g.id, g.entity_id, g.other_id, g.rule, g.merged_at, g.memory_id
           from (select distinct id from same) s
           cross join lateral (${mergesAt("s.id", 6, "g.*")}) g
           limit ${2 * MOST_SAME}`,
    values: [
      reader.tenantId,
      reader.projectId,
      reading.asOf ?? null,
      reading.knownAt ?? null,
      nameIds,
      ...mergeValues(reading),
    ],
  };
  const [rows] = await reader.read([query], signal);
  return { entityOf: entitiesOf(nameIds, rows), merges: rows.map(toMerge), rows };
}

/** Each name's entity: the smallest id that it is one with. */
export function entitiesOf(
  nameIds: readonly string[],
  rows: readonly Pick<MergeRow, "entity_id" | "other_id">[],
): Map<string, string> {
  const parent = new Map<string, string>();
  // Each step shortens the way for the next: a chain of names takes no more than a star of them.
  const root = (id: string): string => {
    let at = id;
    for (let above = parent.get(at); above !== undefined && above !== at; above = parent.get(at)) {
      const next = parent.get(above) ?? above;
      parent.set(at, next);
      at = next;
    }
    return at;
  };
  for (const { entity_id, other_id } of rows) {
    const [low, high] = [root(entity_id), root(other_id)].sort() as [string, string];
    parent.set(high, low);
  }
  const all = [...nameIds, ...rows.flatMap(({ entity_id, other_id }) => [entity_id, other_id])];
  return new Map(all.map((id) => [id, root(id)]));
}

function toMerge({ id, entity_id, other_id, rule, merged_at, memory_id }: MergeRow): EntityMerge {
  return {
    id,
    entityId: entity_id,
    otherId: other_id,
    rule,
    mergedAt: merged_at,
    memoryId: memory_id ?? undefined,
  };
}
