import type { SlotQuery } from "@mneme/core/extraction/ingest-store.ts";
import type pg from "pg";
import type { IngestTransaction } from "./ingest-transaction.ts";

/** Memories that tell of one attribute, newest first: older ones are long superseded, or many values side by side. */
const OF_A_SLOT = 8;
/** Newest memories of a stream among which the index may lag behind. */
const NEWEST = 60;

/** See `IngestStore.findBySlots`. */
export async function findBySlots(
  { client, tenantId, mac }: IngestTransaction,
  asked: readonly SlotQuery[],
): Promise<string[][]> {
  const slots = asked.flatMap(({ slots }, place) => slots.map((slot) => ({ place, slot })));
  const macs = await Promise.all(slots.map(({ slot }) => mac("slot", slot)));
  // Requests to forget are rare: all others are found by an index of what is so today.
  const withEnded = asked.some((one) => one.withEnded);
  const sought = withEnded
    ? "(m.state = 'active' or a.with_ended and m.state = 'superseded')"
    : "m.state = 'active'";
  const { rows } = await client.query<{ place: string; memory_id: string }>({
    name: withEnded ? "find_ended_by_slots" : "find_by_slots",
    text: `with asked as (
             select * from unnest($2::uuid[], $3::uuid[], $6::boolean[]) with ordinality
               as n (stream_id, audience, with_ended, place)),
           slots as (select * from unnest($4::bigint[], $5::bytea[]) as n (place, slot_mac))
           select a.place, f.memory_id from asked a join slots s on s.place = a.place
           cross join lateral (
             select m.id as memory_id from memory_slots o
             join memories m on m.tenant_id = o.tenant_id and m.id = o.memory_id
               and ${sought} and m.audience = a.audience
             where o.tenant_id = $1 and o.stream_id = a.stream_id and o.slot_mac = s.slot_mac
             order by m.id desc limit ${OF_A_SLOT}) f
           union
           select a.place, v.memory_id from asked a
           cross join lateral (
             select m.id from memories m where m.tenant_id = $1 and m.stream_id = a.stream_id
             order by m.id desc limit ${NEWEST}) n
           join memories m on m.tenant_id = $1 and m.id = n.id and m.audience = a.audience
             and ${sought}
           join memory_versions v on v.tenant_id = $1 and v.memory_id = n.id and v.recorded_to is null
             and v.indexed_revision < v.revision`,
    values: [
      tenantId,
      asked.map(({ streamId }) => streamId),
      asked.map(({ audience }) => audience),
      slots.map(({ place }) => place + 1),
      macs,
      asked.map((one) => one.withEnded ?? false),
    ],
  });
  const found: string[][] = asked.map(() => []);
  for (const { place, memory_id } of rows) found[Number(place) - 1]?.push(memory_id);
  return found;
}

/** A memory's attributes. */
export interface NewSlots {
  readonly memoryId: string;
  readonly streamId: string;
  readonly slots: readonly string[];
}

/** Notes by which attributes memories are found, in place of those that they had. */
export async function replaceSlots(
  client: pg.PoolClient,
  tenantId: string,
  slotMac: (slot: string) => Promise<Buffer>,
  all: readonly NewSlots[],
): Promise<void> {
  if (all.length === 0) return;
  // Of a memory that changes twice, what it says last.
  const last = [...new Map(all.map((one) => [one.memoryId, one])).values()];
  const rows = last.flatMap(({ memoryId, streamId, slots }) =>
    [...new Set(slots)].map((slot) => ({ memoryId, streamId, slot })),
  );
  const macs = await Promise.all(rows.map(({ slot }) => slotMac(slot)));
  await client.query({
    name: "replace_slots",
    text: `with gone as (
             delete from memory_slots o where o.tenant_id = $1 and o.memory_id = any ($2::uuid[])
               and not exists (select from unnest($3::uuid[], $5::bytea[]) as n (memory_id, slot_mac)
                               where n.memory_id = o.memory_id and n.slot_mac = o.slot_mac))
           insert into memory_slots (tenant_id, memory_id, stream_id, slot_mac)
           select $1, n.* from unnest($3::uuid[], $4::uuid[], $5::bytea[]) as n on conflict do nothing`,
    values: [
      tenantId,
      last.map(({ memoryId }) => memoryId),
      rows.map(({ memoryId }) => memoryId),
      rows.map(({ streamId }) => streamId),
      macs,
    ],
  });
}
