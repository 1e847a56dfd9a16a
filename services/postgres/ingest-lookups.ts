import type {
  ExactMatch,
  KnownStatement,
  SaidStatement,
  StreamMemory,
} from "@mneme/core/extraction/ingest-store.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import { openOr } from "./damage.ts";
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
             select * from unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::timestamptz[], $6::timestamptz[],
                 $7::boolean[], $8::timestamptz[], $9::timestamptz[]) with ordinality
               as n (stream_id, audience, text_mac, said_at, at_least, given, valid_from, valid_to, place))
           select n.place, m.id as memory_id from said n
           join memory_versions v on v.tenant_id = $1 and v.stream_id = n.stream_id
             and v.text_mac = n.text_mac and v.recorded_to is null
           join memories m on m.tenant_id = $1 and m.id = v.memory_id and m.state = 'active'
             and m.audience = n.audience
             and (m.expires_at is null or m.expires_at > now() and m.expires_at >= n.at_least)
           where case when n.given
             then v.valid_to is not distinct from n.valid_to and v.valid_from = coalesce(n.valid_from, v.valid_from)
             else v.valid_to is null or v.valid_to > n.said_at end
           union all
           select n.place, null from said n
           join tombstones t on t.tenant_id = $1 and t.stream_id = n.stream_id and t.audience = n.audience
             and t.text_mac = n.text_mac and t.created_at >= n.said_at
           order by memory_id nulls last`,
    values: [
      tenantId,
      statements.map(({ streamId }) => streamId),
      statements.map(({ audience }) => audience),
      macs,
      statements.map(({ saidAt }) => saidAt),
      statements.map(({ atLeast }) => atLeast ?? null),
      statements.map(({ given }) => given !== undefined),
      statements.map(({ given }) => given?.validFrom ?? null),
      statements.map(({ given }) => given?.validTo ?? null),
    ],
  });
  const matches: (ExactMatch | undefined)[] = statements.map(() => undefined);
  for (const { place, memory_id } of rows) {
    const i = Number(place) - 1;
    // Said again after it was deleted and stored anew: the living one counts, of several the oldest.
    matches[i] ??= memory_id ? { type: "memory", memoryId: memory_id } : { type: "tombstone" };
  }
  return matches;
}

/** See `IngestStore.statements`. */
export async function readStatements(
  { client, tenantId, content }: IngestTransaction,
  memories: readonly StreamMemory[],
): Promise<(KnownStatement | undefined)[]> {
  const { rows } = await client.query<{ place: string; text_ct: Buffer; expires_at: Date | null }>({
    name: "read_statements",
    text: `select n.place, v.text_ct, m.expires_at
           from unnest($2::uuid[], $3::uuid[], $4::uuid[]) with ordinality
             as n (stream_id, audience, memory_id, place)
           join memories m on m.tenant_id = $1 and m.id = n.memory_id and m.stream_id = n.stream_id
             and m.audience = n.audience and m.state = 'active'
           join memory_versions v on v.tenant_id = $1 and v.memory_id = n.memory_id and v.recorded_to is null`,
    values: [
      tenantId,
      memories.map(({ streamId }) => streamId),
      memories.map(({ audience }) => audience),
      memories.map(({ memoryId }) => memoryId),
    ],
  });
  const statements: (KnownStatement | undefined)[] = memories.map(() => undefined);
  await Promise.all(
    rows.map(async ({ place, text_ct, expires_at }) => {
      // What can't be read is not known.
      const text = await openOr(() => content.openText("memory_versions.text", text_ct), undefined);
      if (text !== undefined) statements[Number(place) - 1] = { text, expiresAt: expires_at ?? undefined };
    }),
  );
  return statements;
}
