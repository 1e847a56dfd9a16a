import type { Room } from "@mneme/core/memory/make-room.ts";
import type { ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { Promoted } from "@mneme/core/replay/replay-work.ts";
import { reportOn } from "@mneme/core/replay/report-on.ts";
import type pg from "pg";
import { dropSummariesOn } from "../consolidation/stale-summaries.ts";
import { insertMentions } from "../graph-writes.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { makeRoom } from "../make-room.ts";
import { replaceSlots } from "../memory-slots.ts";
import { closeVersions, writeNextVersions } from "../memory-succession.ts";
import { insertMemories, insertSessions, insertSources, insertVersions } from "../memory-writes.ts";
import { closeMentions, moveRelations } from "../relation-writes.ts";
import { lockStreams } from "../stream-locks.ts";
import { wakeIngest } from "../wake-ingest.ts";
import { writeDifferences } from "./difference-rows.ts";
import { readLive } from "./live-memories.ts";
import { countsOf } from "./progress.ts";
import { isOvertaken, readPromotable } from "./promotable.ts";
import { type NewState, type PromotionRows, promotionRows, ruleOf } from "./promotion-rows.ts";
import { readDeleted } from "./read-steps.ts";
import { holdReplayStream, refOf, type WritableReplay } from "./replay-streams.ts";

/** Who ends what a replay does not find, as its provenance says. */
const REPLAY = { name: "replay", version: "1" } as const;

/** See `ReplayWork.promote`. Nothing is applied twice: a stream is promoted in the transaction that applies it. */
export async function promoteStream(
  transaction: IngestTransaction,
  plan: ReplayPlan,
  { streamId, room }: { readonly streamId: string; readonly room: Room | undefined },
): Promise<Promoted> {
  const { client, tenantId } = transaction;
  const ref = refOf(plan, streamId);
  await lockStreams(client, [streamId]);
  const stream = await holdReplayStream(client, ref);
  if (!stream || !(await isPromoting(client, stream))) return "gone";
  const through = await readThrough(client, stream);
  if (through === undefined) return "gone";
  if (await isOvertaken(client, plan, stream)) return "behind";
  const deleted = await readDeleted(client, tenantId, streamId);
  const live = await readLive(transaction, plan, { streamId, through, deleted });
  const shadow = await readPromotable(transaction, plan, stream, deleted);
  const report = reportOn(live, shadow, new Date(stream.moment));
  await applyRows(transaction, stream, promotionRows(stream, report));
  await makeRoom(transaction, [{ batch: stream, room }], stream.moment);
  await writeDifferences(client, stream, report, "applied");
  await closeStream(client, stream, countsOf(report));
  return "promoted";
}

/** Holds off whoever has it stopped. */
async function isPromoting(client: pg.PoolClient, { tenantId, replayId }: WritableReplay): Promise<boolean> {
  const { rowCount } = await client.query(
    "select from replays where tenant_id = $1 and id = $2 and state = 'promoting' for share",
    [tenantId, replayId],
  );
  return rowCount === 1;
}

/** Undefined where it was promoted before. */
async function readThrough(
  client: pg.PoolClient,
  { tenantId, replayId, streamId }: WritableReplay,
): Promise<bigint | undefined> {
  const { rows } = await client.query<{ through: string }>(
    `select through from replay_streams where tenant_id = $1 and replay_id = $2 and stream_id = $3 and state = 'done'
     for update`,
    [tenantId, replayId, streamId],
  );
  return rows[0] && BigInt(rows[0].through);
}

async function applyRows(
  { client, tenantId, content, mac }: IngestTransaction,
  stream: WritableReplay,
  rows: PromotionRows,
): Promise<void> {
  const { moment } = stream;
  const touched = [...rows.changed, ...rows.removed.map(({ memoryId }) => memoryId)];
  await client.query(
    "select from memories where tenant_id = $1 and id = any ($2::uuid[]) order by id for update",
    [tenantId, touched],
  );
  await closeVersions(client, tenantId, rows.changed, moment);
  await insertMemories(client, tenantId, rows.memories);
  await insertVersions(client, tenantId, content, (text) => mac("statement", text), rows.versions, moment);
  await insertSources(client, tenantId, rows.sources, moment);
  await insertSessions(client, tenantId, rows.sessions);
  await replaceSlots(client, tenantId, (slot) => mac("slot", slot), rows.slots);
  await closeMentions(client, tenantId, rows.changed, moment);
  await insertMentions({ client, tenantId, content, mac }, rows.mentions, moment);
  await endRemoved(client, stream, rows.removed);
  await setStates(client, tenantId, [...rows.states, ...rows.removed.map(endedOf)]);
  await dropSummariesOn(client, tenantId, touched);
  await wakeIngest(client, tenantId, [stream.bucket]);
}

const endedOf = ({ memoryId }: { readonly memoryId: string }): NewState => {
  return { memoryId, isEnded: true, replacedBy: undefined };
};

/** It was never so: its validity ends where it begins. What was known before still knew it. */
async function endRemoved(
  client: pg.PoolClient,
  stream: WritableReplay,
  removed: PromotionRows["removed"],
): Promise<void> {
  const next = removed.map(({ memoryId, validFrom: validTo }) => {
    return {
      memoryId,
      outcome: "supersede",
      validTo,
      extractor: REPLAY,
      extractionId: undefined,
      rule: ruleOf(stream),
    } as const;
  });
  await writeNextVersions(client, stream.tenantId, next, stream.moment);
  await moveRelations(
    client,
    stream.tenantId,
    removed.map(({ memoryId }) => memoryId),
    stream.moment,
  );
}

async function setStates(
  client: pg.PoolClient,
  tenantId: string,
  states: readonly NewState[],
): Promise<void> {
  if (states.length === 0) return;
  await client.query({
    name: "set_promoted_states",
    // What ended it may be left out: then nothing that is known did.
    text: `update memories m set state = n.state, replaced_by = n.replaced_by
           from (select u.id, u.state, b.id as replaced_by
                 from unnest($2::uuid[], $3::text[], $4::uuid[]) as u (id, state, replaced_by)
                 left join memories b on b.tenant_id = $1 and b.id = u.replaced_by) n
           where m.tenant_id = $1 and m.id = n.id and (m.state, m.replaced_by) is distinct from (n.state, n.replaced_by)`,
    values: [
      tenantId,
      states.map(({ memoryId }) => memoryId),
      states.map(({ isEnded }) => (isEnded ? "superseded" : "active")),
      states.map(({ replacedBy }) => replacedBy ?? null),
    ],
  });
}

/** The shadow has become the memories. */
async function closeStream(
  client: pg.PoolClient,
  { tenantId, replayId, streamId }: WritableReplay,
  counts: string,
): Promise<void> {
  await client.query(
    "delete from replay_memories where tenant_id = $1 and replay_id = $2 and stream_id = $3",
    [tenantId, replayId, streamId],
  );
  await client.query(
    `update replay_streams set state = 'promoted', counts = $4, notes_ct = null
     where tenant_id = $1 and replay_id = $2 and stream_id = $3`,
    [tenantId, replayId, streamId, counts],
  );
}
