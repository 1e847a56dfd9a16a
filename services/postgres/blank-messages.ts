import type { StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import type { WritableStream } from "./hold-streams.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";
import type { MessageBody } from "./message-body.ts";

/** Seals anew, without the words that their projects keep out, messages that were read. */
export async function blankMessages(
  { client, tenantId, content }: IngestTransaction,
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, WritableStream>,
): Promise<void> {
  const blanked = new Map(results.flatMap(({ blanked: some }) => [...some]));
  if (blanked.size === 0) return;
  const { rows } = await client.query<{ id: string; stream_id: string; body_ct: Buffer }>({
    name: "read_blanked",
    text: `select id, stream_id, body_ct from messages
           where tenant_id = $1 and id = any ($2::uuid[]) and body_ct is not null`,
    values: [tenantId, [...blanked.keys()]],
  });
  const sealed = await Promise.all(
    rows.map(async ({ id, stream_id: streamId, body_ct: bodyCt }) => {
      const body = await content.openJson<MessageBody>("messages.body", bodyCt);
      const { keyId } = streams.get(streamId) as WritableStream;
      return content.sealJson(keyId, "messages.body", { ...body, ...blanked.get(id) });
    }),
  );
  await client.query({
    name: "blank_messages",
    text: `update messages m set body_ct = n.body_ct from unnest($2::uuid[], $3::bytea[]) as n (id, body_ct)
           where m.tenant_id = $1 and m.id = n.id`,
    values: [tenantId, rows.map(({ id }) => id), sealed],
  });
}
