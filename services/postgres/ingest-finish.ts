import type { StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import { madeBy } from "@mneme/core/extraction/made-by.ts";
import type { SensitiveKind } from "@mneme/core/extraction/sensitive/sensitive-kind.ts";
import type { CategoryRule } from "@mneme/core/extraction/sort-statements.ts";
import type { ReconcileOutcome } from "@mneme/core/memory/memory.ts";
import type { IngestRows } from "./ingest-rows.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";

/** Closes the messages of results, and counts on their extractions what became of them. */
export async function finishMessages(
  { client, tenantId }: IngestTransaction,
  results: readonly StreamResult[],
  { touched, dropped }: Pick<IngestRows, "touched" | "dropped">,
): Promise<void> {
  const ids = results.flatMap(({ batch }) => batch.pending.map(({ turn }) => turn.messageId));
  await client.query({
    name: "finish_messages",
    text: "update messages set state = 'done' where tenant_id = $1 and id = any ($2::uuid[])",
    values: [tenantId, ids],
  });
  await client.query({
    name: "link_extractions",
    text: `insert into extraction_memories (tenant_id, extraction_id, memory_id, outcome)
           select $1, n.* from unnest($2::uuid[], $3::uuid[], $4::text[]) as n on conflict do nothing`,
    values: [
      tenantId,
      touched.map(({ extractionId }) => extractionId),
      touched.map(({ memoryId }) => memoryId),
      touched.map(({ outcome }) => outcome),
    ],
  });
  const tallies = tallyExtractions(results, touched, dropped);
  await client.query({
    name: "finish_extractions",
    text: `update extractions e set
             pending_count = e.pending_count - n.worked,
             state = case when e.pending_count <= n.worked then 'extracted' else 'running' end,
             extracted_at = case when e.pending_count <= n.worked then now() end,
             added = e.added + n.added, updated = e.updated + n.updated,
             superseded = e.superseded + n.superseded, unchanged = e.unchanged + n.unchanged,
             deleted = e.deleted + n.deleted, dropped = e.dropped + n.dropped, extractor = n.extractor,
             dropped_sensitive = case when n.sensitive = '{}' then e.dropped_sensitive
               else added_counts(e.dropped_sensitive, n.sensitive) end,
             dropped_by_category = case when n.by_category = '{}' then e.dropped_by_category
               else added_counts(e.dropped_by_category, n.by_category) end
           from unnest($2::uuid[], $3::integer[], $4::integer[], $5::integer[], $6::integer[], $7::integer[],
             $8::integer[], $9::integer[], $10::text[], $11::jsonb[], $12::jsonb[]) as n (id, worked, added, updated,
             superseded, unchanged, deleted, dropped, extractor, sensitive, by_category)
           where e.tenant_id = $1 and e.id = n.id`,
    values: [
      tenantId,
      tallies.map(({ id }) => id),
      tallies.map(({ worked }) => worked),
      tallies.map(({ add }) => add),
      tallies.map(({ update }) => update),
      tallies.map(({ supersede }) => supersede),
      tallies.map(({ noop }) => noop),
      tallies.map(({ delete: deleted }) => deleted),
      tallies.map(({ dropped }) => dropped),
      tallies.map(({ extractor }) => extractor),
      tallies.map(({ sensitive }) => JSON.stringify(sensitive)),
      tallies.map(({ byCategory }) => JSON.stringify(byCategory)),
    ],
  });
}

interface Tally extends Record<ReconcileOutcome, number> {
  readonly id: string;
  readonly extractor: string;
  worked: number;
  dropped: number;
  /** Of `dropped`. */
  readonly sensitive: Partial<Record<SensitiveKind, number>>;
  /** Of `dropped`. */
  readonly byCategory: Partial<Record<CategoryRule, number>>;
}

/** @param dropped every statement that came to nothing. */
function tallyExtractions(
  results: readonly StreamResult[],
  touched: IngestRows["touched"],
  dropped: IngestRows["dropped"],
): Tally[] {
  const tallies = new Map<string, Tally>();
  for (const result of results) {
    const empty = new Set(result.droppedMessageIds);
    for (const message of result.batch.pending) {
      const { extractionId, turn } = message;
      const extractor = madeBy(result, message);
      const tally = tallies.get(extractionId) ?? {
        id: extractionId,
        extractor: `${extractor.name}/${extractor.version}`,
        worked: 0,
        dropped: 0,
        sensitive: {},
        byCategory: {},
        add: 0,
        update: 0,
        supersede: 0,
        noop: 0,
        delete: 0,
      };
      tally.worked += 1;
      if (empty.has(turn.messageId)) tally.dropped += 1;
      tallies.set(extractionId, tally);
    }
  }
  for (const { extractionId, outcome } of touched) {
    const tally = tallies.get(extractionId);
    if (tally) tally[outcome] += 1;
  }
  for (const { extractionId, sensitive, category } of dropped) {
    const tally = tallies.get(extractionId);
    if (!tally) continue;
    tally.dropped += 1;
    if (sensitive) tally.sensitive[sensitive] = (tally.sensitive[sensitive] ?? 0) + 1;
    if (category) tally.byCategory[category] = (tally.byCategory[category] ?? 0) + 1;
  }
  return [...tallies.values()];
}
