import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import { isBeside, type SpansByMessage } from "@mneme/core/replay/beside-deleted.ts";
import type { ReplayPlan } from "@mneme/core/replay/replay.ts";
import type { ShadowMemory } from "@mneme/core/replay/shadow-memory.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import type pg from "pg";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { scopeFilter } from "../scope-filter.ts";
import { inTeams } from "./read-steps.ts";
import type { WritableReplay } from "./replay-streams.ts";
import { readShadow } from "./shadow-rows.ts";

/** Whether there is more to be read by now: what was said last, or what had failed and did not again. */
export async function isOvertaken(
  client: pg.PoolClient,
  { ids, teams }: ReplayPlan,
  { tenantId, replayId, streamId }: WritableReplay,
): Promise<boolean> {
  const only = scopeFilter({ ...ids, sessionId: undefined }, "e", 5);
  const { rowCount } = await client.query({
    name: `is_replay_behind_${only.shape}`,
    text: `select from replay_streams r
           join messages m on m.tenant_id = $1 and m.stream_id = $3 and m.state = 'done' and m.body_ct is not null
             and (m.position > r.through or m.position = any (r.unread))
           join extractions e on e.tenant_id = $1 and e.id = m.extraction_id
           where r.tenant_id = $1 and r.replay_id = $2 and r.stream_id = $3 ${inTeams(4)} ${only.text} limit 1`,
    values: [tenantId, replayId, streamId, teams ?? null, ...only.values],
  });
  return rowCount === 1;
}

/** A stream's shadow without what was deleted since it was read, and without teams that may not be written any more. */
export async function readPromotable(
  transaction: IngestTransaction,
  plan: ReplayPlan,
  stream: WritableReplay,
  deleted: SpansByMessage,
): Promise<ShadowMemory[]> {
  const all = await readShadow(transaction.client, transaction.content, stream);
  const left = all.filter(
    ({ ids, content: { statement } }) =>
      isOfTeams(plan, ids) && !statement.sources.some((span) => isBeside(span, deleted)),
  );
  return withoutTombstones(transaction, stream.streamId, left);
}

const isOfTeams = ({ teams }: ReplayPlan, { teamId }: ScopeIds) =>
  teams === undefined || teamId === undefined || teams.includes(teamId);

/** Without words that were deleted since they were said, wherever else they were said too. */
async function withoutTombstones(
  { client, tenantId, mac }: IngestTransaction,
  streamId: string,
  shadow: readonly ShadowMemory[],
): Promise<ShadowMemory[]> {
  if (shadow.length === 0) return [];
  const macs = await Promise.all(
    shadow.map(({ content: { statement } }) => mac("statement", normalizeStatement(statement.text))),
  );
  const { rows } = await client.query<{ place: string }>({
    name: "deleted_words_of_shadow",
    text: `select distinct n.place from unnest($3::uuid[], $4::bytea[], $5::timestamptz[]) with ordinality
             as n (audience, text_mac, said_at, place)
           join tombstones t on t.tenant_id = $1 and t.stream_id = $2 and t.audience = n.audience
             and t.text_mac = n.text_mac and t.created_at >= n.said_at`,
    values: [
      tenantId,
      streamId,
      shadow.map(({ audience }) => audience),
      macs,
      shadow.map(({ content: { features } }) => features.saidAt),
    ],
  });
  const gone = new Set(rows.map(({ place }) => Number(place) - 1));
  return shadow.filter((_, i) => !gone.has(i));
}
