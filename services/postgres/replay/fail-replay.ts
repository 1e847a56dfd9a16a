import type { FailureReason } from "@mneme/core/extraction/failure-reason.ts";
import type { ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";

/** Steps in a row after which a replay fails. */
const MOST_ATTEMPTS = 5;

/** See `ReplayWork.failWhole`. Nothing happens where somebody has led the replay elsewhere meanwhile. */
export async function failReplay(
  { client, tenantId }: IngestTransaction,
  { replayId, state }: ReplayPlan,
  { reason, isFinal }: { readonly reason: FailureReason; readonly isFinal: boolean },
): Promise<void> {
  await client.query(
    `update replays r set attempts = r.attempts + 1, stepped_at = now(),
       state = case when n.is_over then 'failed' else r.state end,
       failed_from = case when n.is_over then r.state end,
       failure_reason = case when n.is_over then $4 end
     from (select tenant_id, id, $5 or attempts + 1 >= ${MOST_ATTEMPTS} as is_over from replays
           where tenant_id = $1 and id = $2 for update) n
     where r.tenant_id = n.tenant_id and r.id = n.id and r.state = $3`,
    [tenantId, replayId, state, reason, isFinal],
  );
}
