import { ALIAS_TYPES } from "@mneme/core/graph/alias-types.ts";
import { foldName } from "@mneme/core/graph/fold-name.ts";
import { nameKeys } from "@mneme/core/graph/name-keys.ts";
import { type KnownName, type MergeRule, sameNames } from "@mneme/core/graph/same-names.ts";
import { v7 as uuidv7 } from "uuid";
import { openOr } from "../damage.ts";
import type { NameWriter, Tie } from "../graph-writes.ts";
import type { NewRelation } from "../relation-writes.ts";

/** Where names are compared: one audience of one stream. What one of them shows changes nothing elsewhere. */
interface Place {
  readonly stream_id: string;
  readonly audience: string;
}

interface NewKeyRow extends Place {
  readonly entity_id: string;
}

interface KnownRow extends Place {
  readonly entity_id: string;
  readonly type: string;
  readonly name_ct: Buffer;
}

interface NewMerge {
  readonly memoryId: string;
  readonly a: string;
  readonly b: string;
  readonly rule: MergeRule;
  /** Whether it goes with the memory. */
  readonly isTold: boolean;
}

/** Names that share a key with one that is new; of more, some are not compared. */
const MOST_COMPARED = 200;

/** Merges names that are one where they are mentioned: those that memories say are, and those that rules find. */
export async function mergeNames(
  writer: NameWriter,
  ties: readonly Tie[],
  relations: readonly NewRelation[],
): Promise<void> {
  const told = relations
    .filter(({ type }) => ALIAS_TYPES.has(type))
    .map(({ memoryId, from, to }): NewMerge => ({ memoryId, a: from, b: to, rule: "alias", isTold: true }));
  const fresh = await insertKeys(writer, ties);
  const found = fresh.length === 0 ? [] : await compareNames(writer, ties, fresh);
  await insertMerges(writer, [...told, ...found]);
}

/** @returns where which entities are mentioned for the first time. */
async function insertKeys({ client, tenantId, mac }: NameWriter, ties: readonly Tie[]): Promise<NewKeyRow[]> {
  const keys = await Promise.all(
    ties.flatMap(({ memoryId, entityId, entity }) =>
      nameKeys(entity.folded, entity.type).map(async (key) => {
        return { memoryId, entityId, keyMac: (await mac("entity_key", key)).subarray(0, 16) };
      }),
    ),
  );
  const { rows } = await client.query<NewKeyRow>({
    name: "insert_entity_keys",
    // In one order for all writers; known ones are not even tried.
    text: `with added as (
             insert into entity_keys (tenant_id, stream_id, audience, key_mac, entity_id)
             select distinct $1::uuid, m.stream_id, m.audience, n.key_mac, n.entity_id
             from unnest($2::uuid[], $3::bytea[], $4::uuid[]) as n (memory_id, key_mac, entity_id)
             join memories m on m.tenant_id = $1 and m.id = n.memory_id
             where not exists (select from entity_keys k where k.tenant_id = $1 and k.stream_id = m.stream_id
               and k.audience = m.audience and k.key_mac = n.key_mac and k.entity_id = n.entity_id)
             order by 2, 3, 4, 5
             on conflict do nothing returning stream_id, audience, entity_id)
           select distinct * from added`,
    values: [
      tenantId,
      keys.map(({ memoryId }) => memoryId),
      keys.map(({ keyMac }) => keyMac),
      keys.map(({ entityId }) => entityId),
    ],
  });
  return rows;
}

async function compareNames(
  writer: NameWriter,
  ties: readonly Tie[],
  fresh: readonly NewKeyRow[],
): Promise<NewMerge[]> {
  const placeOf = ({ stream_id, audience }: Place) => `${stream_id}/${audience}`;
  const known = Map.groupBy(await readAlike(writer, fresh), placeOf);
  const merges: NewMerge[] = [];
  for (const [place, rows] of Map.groupBy(fresh, placeOf)) {
    const names = await openNames(writer, known.get(place) ?? []);
    const { pairs, ambiguous } = sameNames(new Set(rows.map(({ entity_id }) => entity_id)), names);
    const [{ stream_id, audience }] = rows as [NewKeyRow];
    await withdrawParts(writer, { stream_id, audience }, ambiguous);
    for (const { a, b, rule } of pairs) {
      const memoryId = ties.find(({ entityId }) => entityId === a || entityId === b)?.memoryId;
      if (memoryId) merges.push({ memoryId, a, b, rule, isTold: false });
    }
  }
  return merges;
}

/** The names that have a key in common with a new one, those too, each as some memory there writes it. */
async function readAlike({ client, tenantId }: NameWriter, fresh: readonly NewKeyRow[]): Promise<KnownRow[]> {
  const { rows } = await client.query<KnownRow>({
    name: "read_alike_names",
    text: `select a.stream_id, a.audience, a.entity_id, e.type, t.name_ct
           from (select distinct n.stream_id, n.audience, o.entity_id
             from unnest($2::uuid[], $3::uuid[], $4::uuid[]) as n (stream_id, audience, entity_id)
             join entity_keys k on k.tenant_id = $1 and k.entity_id = n.entity_id and k.stream_id = n.stream_id
               and k.audience = n.audience
             cross join lateral (
               select entity_id from entity_keys o where o.tenant_id = $1 and o.stream_id = n.stream_id
                 and o.audience = n.audience and o.key_mac = k.key_mac limit ${MOST_COMPARED}) o) a
           join entities e on e.tenant_id = $1 and e.id = a.entity_id
           cross join lateral (
             select t.name_ct from memory_entities t join memories m on m.tenant_id = t.tenant_id and m.id = t.memory_id
             where t.tenant_id = $1 and t.entity_id = a.entity_id and t.name_ct is not null and t.recorded_to is null
               and m.stream_id = a.stream_id and m.audience = a.audience
               and t.subject_id = (select s.subject_id from streams s where s.tenant_id = $1 and s.id = a.stream_id)
             union all
             select t.name_ct from memory_entities t join memories m on m.tenant_id = t.tenant_id and m.id = t.memory_id
             where t.tenant_id = $1 and t.entity_id = a.entity_id and t.name_ct is not null and t.recorded_to is null
               and m.stream_id = a.stream_id and m.audience = a.audience and t.subject_id is null
             limit 1) t`,
    values: [
      tenantId,
      fresh.map(({ stream_id }) => stream_id),
      fresh.map(({ audience }) => audience),
      fresh.map(({ entity_id }) => entity_id),
    ],
  });
  return rows;
}

async function openNames({ content }: NameWriter, rows: readonly KnownRow[]): Promise<KnownName[]> {
  const opened = await Promise.all(
    rows.map(async ({ entity_id, type, name_ct }) => {
      const name = await openOr(() => content.openText("memory_entities.name", name_ct), undefined);
      return name === undefined ? [] : [{ id: entity_id, folded: foldName(name), type }];
    }),
  );
  return opened.flat();
}

/** A first name that fits another person as well now. */
async function withdrawParts(
  { client, tenantId }: NameWriter,
  { stream_id, audience }: Place,
  entityIds: readonly string[],
): Promise<void> {
  if (entityIds.length === 0) return;
  await client.query({
    name: "withdraw_parts",
    text: `delete from entity_merges where tenant_id = $1 and stream_id = $2 and audience = $3 and rule = 'part'
             and split_at is null and (entity_id = any ($4::uuid[]) or other_id = any ($4::uuid[]))`,
    values: [tenantId, stream_id, audience, entityIds],
  });
}

/** What was split stays split, and what is merged already stays as it is. */
async function insertMerges({ client, tenantId }: NameWriter, merges: readonly NewMerge[]): Promise<void> {
  if (merges.length === 0) return;
  await client.query({
    name: "insert_merges",
    text: `insert into entity_merges (tenant_id, id, project_id, stream_id, audience, subject_id, epoch, agent_id,
             app_id, team_id, entity_id, other_id, rule, memory_id)
           select $1, n.id, m.project_id, m.stream_id, m.audience, m.subject_id, m.epoch, m.agent_id, m.app_id,
             m.team_id, least(n.a, n.b), greatest(n.a, n.b), n.rule, case when n.is_told then m.id end
           from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::boolean[])
             as n (id, memory_id, a, b, rule, is_told)
           join memories m on m.tenant_id = $1 and m.id = n.memory_id
           order by n.a, n.b on conflict do nothing`,
    values: [
      tenantId,
      merges.map(() => uuidv7()),
      merges.map(({ memoryId }) => memoryId),
      merges.map(({ a }) => a),
      merges.map(({ b }) => b),
      merges.map(({ rule }) => rule),
      merges.map(({ isTold }) => isTold),
    ],
  });
}
