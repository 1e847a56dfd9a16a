import type { ExactMatch, SaidStatement, StreamMemory } from "@mneme/core/extraction/ingest-store.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";

/** See `IngestStore.findExact`. */
export async function findExact(
  { client, tenantId, mac }: IngestTransaction,
  statements: readonly SaidStatement[],
): Promise<(ExactMatch | undefined)[]> {
  const macs = await Promise.all(statements.map(({ text }) => mac("statement", normalizeStatement(text))));
  const { rows } = await client.query<{ place: string; memory_id: string | null }>({
    name: "find_exact",
    text: `with said as (
             select * from unnest($2::uuid[], $3::bytea[], $4::timestamptz[])
               with ordinality as n (stream_id, text_mac, said_at, place))
           select n.place, m.id as memory_id from said n
           join memory_versions v on v.tenant_id = $1 and v.stream_id = n.stream_id
             and v.text_mac = n.text_mac and v.recorded_to is null
           join memories m on m.tenant_id = $1 and m.id = v.memory_id and m.state = 'active'
           union all
           select n.place, null from said n
           join tombstones t on t.tenant_id = $1 and t.stream_id = n.stream_id and t.text_mac = n.text_mac
             and t.created_at >= n.said_at`,
    values: [
      tenantId,
      statements.map(({ streamId }) => streamId),
      macs,
      statements.map(({ saidAt }) => saidAt),
    ],
  });
  const matches: (ExactMatch | undefined)[] = statements.map(() => undefined);
  for (const { place, memory_id } of rows) {
    const i = Number(place) - 1;
    // Said again after it was deleted and stored anew: the living one counts.
    if (memory_id) matches[i] = { type: "memory", memoryId: memory_id };
    else matches[i] ??= { type: "tombstone" };
  }
  return matches;
}

/** See `IngestStore.texts`. */
export async function readTexts(
  { client, tenantId, content }: IngestTransaction,
  memories: readonly StreamMemory[],
): Promise<(string | undefined)[]> {
  const { rows } = await client.query<{ place: string; text_ct: Buffer }>({
    name: "read_texts",
    text: `select n.place, v.text_ct
           from unnest($2::uuid[], $3::uuid[]) with ordinality as n (stream_id, memory_id, place)
           join memories m on m.tenant_id = $1 and m.id = n.memory_id and m.stream_id = n.stream_id
             and m.state = 'active'
           join memory_versions v on v.tenant_id = $1 and v.memory_id = n.memory_id and v.recorded_to is null`,
    values: [tenantId, memories.map(({ streamId }) => streamId), memories.map(({ memoryId }) => memoryId)],
  });
  const texts: (string | undefined)[] = memories.map(() => undefined);
  await Promise.all(
    rows.map(async ({ place, text_ct }) => {
      texts[Number(place) - 1] = await content.openText("memory_versions.text", text_ct);
    }),
  );
  return texts;
}
