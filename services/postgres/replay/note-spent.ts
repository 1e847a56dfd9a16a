import type { ReplayPlan, ReplaySpent } from "@mneme/core/replay/replay.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";

/** See `ReplayWork.noteSpent`. */
export async function noteSpent(
  { client, tenantId }: IngestTransaction,
  { replayId }: ReplayPlan,
  { picodollars, ...counts }: ReplaySpent,
): Promise<void> {
  await client.query({
    name: "note_replay_spent",
    text: `update replays r set unkept = (
             select jsonb_object_agg(n.key, (coalesce((r.unkept ->> n.key)::numeric, 0) + n.value::numeric)::text)
             from jsonb_each_text($3::jsonb) n)
           where r.tenant_id = $1 and r.id = $2`,
    values: [tenantId, replayId, JSON.stringify({ ...counts, picodollars: picodollars.toString() })],
  });
}
