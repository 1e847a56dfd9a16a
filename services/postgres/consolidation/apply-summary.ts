import { undated } from "@mneme/core/claims/undated.ts";
import type { Applied, PlannedSummary } from "@mneme/core/consolidation/consolidation-store.ts";
import { reviewTimeOf } from "@mneme/core/extraction/review-time.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import { effectiveSettings, type Settings } from "@mneme/core/tenancy/settings.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { archiveHeld, auditAgeing } from "../memory-archive.ts";
import { FENCE, NOT_FENCED } from "../memory-rows.ts";
import { lockStreams } from "../stream-locks.ts";
import { wakeIngest } from "../wake-ingest.ts";
import { IS_EPISODE, readUndone } from "./episode-rows.ts";
import { type Held, writeSummaryMemory } from "./summary-rows.ts";

/**
 * Writes a summary and archives what it tells, if all of it is as it was read: under the locks of all writers, in their
 * order (streams, persons, memories), so that nothing is written that rests on what somebody changes or deletes.
 */
export async function applySummary(
  transaction: IngestTransaction,
  planned: PlannedSummary,
): Promise<Applied> {
  const { client, tenantId } = transaction;
  const { projectId, streamId, episodes } = planned;
  const ids = episodes.map(({ memoryId }) => memoryId);
  await lockStreams(client, [streamId]);
  await client.query({
    name: "lock_summarised_person",
    text: `select from subjects where tenant_id = $1
           and id in (select subject_id from streams where tenant_id = $1 and id = $2) for share`,
    values: [tenantId, streamId],
  });
  await client.query({
    name: "lock_summarised",
    text: "select from memories where tenant_id = $1 and id = any ($2::uuid[]) order by id for update",
    values: [tenantId, ids],
  });
  const settings = await settingsNow(client, tenantId, projectId);
  const days = settings?.consolidation?.afterDays;
  if (days === undefined) return "off";
  const held = await readHeld(client, tenantId, planned, days);
  if (!held) return "changed";
  const undone = await readUndone(client, tenantId, streamId);
  if (undone.some((told) => ids.every((id) => told.has(id)))) return "undone";
  if (await saysDeleted(transaction, planned)) return "deleted";
  await writeSummaryMemory(transaction, reviewed(planned, settings), held);
  await noteConsolidation(client, tenantId, planned);
  await archiveHeld(client, tenantId, ids, "consolidated", held.moment);
  const touched = [planned.summaryId, ...ids].map((id) => ({ id }));
  await auditAgeing(client, tenantId, "ageing/consolidated", touched);
  await wakeIngest(client, tenantId, [held.bucket]);
  return "made";
}

/** The policy as it is by now, not as somebody remembers it. */
async function settingsNow(
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
): Promise<Settings | undefined> {
  const { rows } = await client.query<{ of_project: Settings; of_tenant: Settings }>({
    name: "consolidation_policy",
    text: `select p.settings as of_project, t.settings as of_tenant from projects p join tenants t on t.id = p.tenant_id
           where p.tenant_id = $1 and p.id = $2`,
    values: [tenantId, projectId],
  });
  const [row] = rows;
  return row && effectiveSettings(row.of_project, row.of_tenant);
}

/** It is looked at again when any other memory of its kind and category would be. */
function reviewed(planned: PlannedSummary, settings: Settings | undefined): PlannedSummary {
  const { content } = planned;
  const reviewAt = reviewTimeOf(content.statement, settings?.review?.rules, new Date());
  return { ...planned, content: { ...content, reviewAt } };
}

/** @returns undefined where any of them is not what it was, or not old enough. */
async function readHeld(
  client: pg.PoolClient,
  tenantId: string,
  { projectId, streamId, audience, episodes }: PlannedSummary,
  days: number,
): Promise<Held | undefined> {
  const { rows } = await client.query<Held>({
    name: "read_summarised",
    text: `select m.bucket, m.subject_id, m.epoch, m.agent_id, m.app_id, m.team_id, m.session_id,
             coalesce(p.key_id, r.key_id) as key_id, date_trunc('milliseconds', clock_timestamp())::text as moment
           from unnest($5::uuid[], $6::integer[], $7::bigint[]) as n (id, version, revision)
           join memories m on m.tenant_id = $1 and m.id = n.id and m.project_id = $2 and m.stream_id = $3
             and m.audience = $4 and m.current_version = n.version
           join memory_versions v on v.tenant_id = $1 and v.memory_id = n.id and v.version = n.version
             and v.revision = n.revision
           join projects r on r.tenant_id = $1 and r.id = $2
           ${FENCE}
           where ${NOT_FENCED} and ${IS_EPISODE}
             and greatest(v.said_at, v.valid_from) < now() - make_interval(days => $8)
           order by v.valid_from, m.id`,
    values: [
      tenantId,
      projectId,
      streamId,
      audience,
      episodes.map(({ memoryId }) => memoryId),
      episodes.map(({ version }) => version),
      episodes.map(({ revision }) => revision),
      days,
    ],
  });
  return rows.length === episodes.length ? rows[0] : undefined;
}

/**
 * Whether the summary, or a sentence that it words itself, was deleted after what it tells was said; with its days or without.
 * What an episode says lives with it, also where another that said the same was deleted.
 */
async function saysDeleted(
  { client, tenantId, mac }: IngestTransaction,
  { streamId, audience, episodes, content }: PlannedSummary,
): Promise<boolean> {
  const { text } = content.statement;
  const living = new Set(episodes.map((episode) => normalizeStatement(episode.text)));
  const said = [text, ...text.split(SENTENCE_END)]
    .map((one) => undated(one).map(normalizeStatement))
    .filter((ways) => !ways.some((way) => living.has(way)));
  const macs = await Promise.all(said.flat().map((way) => mac("statement", way)));
  const { rowCount } = await client.query({
    name: "says_deleted",
    text: `select from tombstones where tenant_id = $1 and stream_id = $2 and audience = $3
             and text_mac = any ($4::bytea[]) and created_at >= $5 limit 1`,
    values: [
      tenantId,
      streamId,
      audience,
      macs,
      new Date(Math.min(...episodes.map(({ saidAt }) => saidAt.getTime()))),
    ],
  });
  return rowCount !== 0;
}

const SENTENCE_END = /(?<=[.!?])\s+/u;

async function noteConsolidation(
  client: pg.PoolClient,
  tenantId: string,
  { summaryId, episodes, extractor, rule }: PlannedSummary,
): Promise<void> {
  await client.query({
    name: "note_consolidation",
    text: `with made as (
             insert into consolidations (tenant_id, id, project_id, stream_id, audience, subject_id, epoch, agent_id,
               app_id, team_id, summary_id, extractor, extractor_version, rule)
             select tenant_id, $3, project_id, stream_id, audience, subject_id, epoch, agent_id, app_id, team_id, id,
               $4, $5, $6
             from memories where tenant_id = $1 and id = $2
             returning id)
           insert into consolidation_episodes (tenant_id, consolidation_id, memory_id)
           select $1, made.id, n.id from made cross join unnest($7::uuid[]) as n (id)`,
    values: [
      tenantId,
      summaryId,
      uuidv7(),
      extractor.name,
      extractor.version,
      rule,
      episodes.map(({ memoryId }) => memoryId),
    ],
  });
}
