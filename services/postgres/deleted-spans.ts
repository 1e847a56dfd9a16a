import type pg from "pg";

/** What of a message a memory told that was deleted on request. */
export interface DeletedSpan {
  readonly start: number;
  readonly end: number;
}

/** Of these messages, by their ids; in no order. */
export async function deletedSpansOf(
  client: pg.PoolClient,
  tenantId: string,
  messages: readonly { readonly id: string; readonly stream_id: string }[],
): Promise<ReadonlyMap<string, readonly DeletedSpan[]>> {
  if (messages.length === 0) return new Map();
  const { rows } = await client.query<DeletedSpan & { message_id: string }>({
    name: "deleted_spans",
    text: `select message_id, span_start as start, span_end as "end" from deleted_sources
           where tenant_id = $1 and stream_id = any ($2::uuid[]) and message_id = any ($3::uuid[])`,
    values: [tenantId, [...new Set(messages.map((one) => one.stream_id))], messages.map(({ id }) => id)],
  });
  return Map.groupBy(rows, (row) => row.message_id);
}

/** What is left of a message's words. */
export function withoutSpans(text: string, spans: readonly DeletedSpan[]): string {
  if (spans.length === 0) return text;
  let left = "";
  let at = 0;
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    left += text.slice(at, Math.max(at, start));
    at = Math.max(at, end);
  }
  return (left + text.slice(at)).trim();
}
