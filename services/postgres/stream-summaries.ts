import type { StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import type pg from "pg";
import { deletedSince } from "./deleted-since.ts";
import type { WritableStream } from "./hold-streams.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";

/**
 * Writes what was told so far. Under the streams' locks: nobody else writes one of theirs. Where a memory was deleted since
 * all was loaded, it may tell of that, and is left to the next reading.
 */
export async function writeSummaries(
  { client, tenantId, content }: IngestTransaction,
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, WritableStream>,
): Promise<void> {
  const told = results.flatMap(({ batch, summary }) => (summary === undefined ? [] : [{ batch, summary }]));
  const deleted = await deletedSince(
    client,
    tenantId,
    told.map(({ batch: { streamId, loadedAt } }) => ({ streamId, since: loadedAt })),
  );
  const sealed = await Promise.all(
    told.flatMap(({ batch: { streamId, audience }, summary }) => {
      if (deleted.has(streamId)) return [];
      const { keyId } = streams.get(streamId) as WritableStream;
      const text = content.sealText(keyId, "stream_summaries.summary", summary);
      return [text.then((summaryCt) => ({ streamId, audience, summaryCt }))];
    }),
  );
  if (sealed.length === 0) return;
  await client.query({
    name: "write_summaries",
    text: `insert into stream_summaries (tenant_id, stream_id, audience, summary_ct)
           select $1, n.* from unnest($2::uuid[], $3::uuid[], $4::bytea[]) as n
           on conflict (tenant_id, stream_id, audience) do update set summary_ct = excluded.summary_ct`,
    values: [
      tenantId,
      sealed.map(({ streamId }) => streamId),
      sealed.map(({ audience }) => audience),
      sealed.map(({ summaryCt }) => summaryCt),
    ],
  });
}

/** Forgets what was told of the streams so far to the audiences of these memories: it may tell what they say. */
export async function forgetSummariesFor(
  client: pg.PoolClient,
  tenantId: string,
  memoryIds: readonly string[],
): Promise<void> {
  await client.query({
    name: "forget_summaries_for_memories",
    text: `delete from stream_summaries u
           using (select distinct stream_id, audience from memories where tenant_id = $1 and id = any ($2::uuid[])) g
           where u.tenant_id = $1 and u.stream_id = g.stream_id and u.audience = g.audience`,
    values: [tenantId, memoryIds],
  });
}
