import type { Postponed } from "./ingest-rows.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";

/** What is told again need not be looked at before. */
export async function postponeReviews(
  { client, tenantId }: IngestTransaction,
  postponed: readonly Postponed[],
): Promise<void> {
  if (postponed.length === 0) return;
  await client.query({
    name: "postpone_reviews",
    text: `update memories m set review_at = greatest(m.review_at, n.review_at)
           from (select id, max(review_at) as review_at
                 from unnest($2::uuid[], $3::timestamptz[]) as n (id, review_at) group by id) n
           where m.tenant_id = $1 and m.id = n.id`,
    values: [tenantId, postponed.map(({ memoryId }) => memoryId), postponed.map(({ reviewAt }) => reviewAt)],
  });
}
