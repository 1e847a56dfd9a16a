import type { Decision, StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import { SURER, SUREST } from "@mneme/core/extraction/surer.ts";
import { blankMessages } from "./blank-messages.ts";
import { summariesOn, withEpisodes } from "./consolidation/resting.ts";
import { dropSummariesOn } from "./consolidation/stale-summaries.ts";
import { joinSummaries } from "./consolidation/told-again.ts";
import { insertMentions } from "./graph-writes.ts";
import { holdStreams, type Writable, type WritableStream } from "./hold-streams.ts";
import { finishMessages } from "./ingest-finish.ts";
import { collectRows, type Prolonged } from "./ingest-rows.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";
import { makeRoom } from "./make-room.ts";
import { restoreHeld } from "./memory-archive.ts";
import { removeMemories } from "./memory-removal.ts";
import { replaceSlots } from "./memory-slots.ts";
import { closeVersions, endValidity } from "./memory-succession.ts";
import { insertMemories, insertSessions, insertSources, insertVersions } from "./memory-writes.ts";
import { postponeReviews } from "./postpone-reviews.ts";
import { closeMentions } from "./relation-writes.ts";
import { restoreReturned } from "./restore-returned.ts";
import { writeSummaries } from "./stream-summaries.ts";

/** Applies results whose messages are still to be worked; see `IngestStore.apply`. */
export async function applyResults(
  transaction: IngestTransaction,
  results: readonly StreamResult[],
): Promise<ReadonlySet<string>> {
  const { streams, moment } = await holdStreams(transaction, results);
  const held = results.filter(({ batch }) => streams.has(batch.streamId));
  const current = await lockDecided(transaction, held);
  const stale = new Set(held.filter((one) => isStale(one, current)).map(({ batch }) => batch.streamId));
  const live = held.filter(({ batch }) => !stale.has(batch.streamId));
  if (live.length > 0) await writeResults(transaction, live, { streams, moment }, current);
  return stale;
}

/** True where a memory that a decision names was changed since it was looked up; one that is gone stays away. */
function isStale({ decisions, seen }: StreamResult, current: ReadonlyMap<string, number>): boolean {
  return decisions.flatMap(memoriesOf).some((id) => {
    const version = seen.get(id);
    return version !== undefined && current.has(id) && current.get(id) !== version;
  });
}

async function writeResults(
  transaction: IngestTransaction,
  live: readonly StreamResult[],
  { streams, moment }: Writable,
  current: ReadonlyMap<string, number>,
): Promise<void> {
  const { client, tenantId, content, mac } = transaction;
  const rows = collectRows(live, streams, current);
  await closeVersions(client, tenantId, rows.updated, moment);
  await insertMemories(client, tenantId, rows.memories);
  await insertVersions(client, tenantId, content, (text) => mac("statement", text), rows.versions, moment);
  await insertSources(client, tenantId, rows.sources, moment);
  await insertSessions(client, tenantId, rows.sessions);
  await replaceSlots(client, tenantId, (slot) => mac("slot", slot), rows.slots);
  await closeMentions(client, tenantId, rows.updated, moment);
  await insertMentions({ client, tenantId, content, mac }, rows.mentions, moment);
  await endValidity(client, tenantId, rows.ended, moment);
  await dropSummariesOn(client, tenantId, [...rows.updated, ...rows.ended.map(({ memoryId }) => memoryId)]);
  await removeMemories(client, tenantId, rows.deleted);
  // A summary is found instead of what it tells, also where that is told again.
  const joined = await joinSummaries(client, tenantId, [...rows.saidAgain.keys()], moment);
  const summaryOf = new Map(joined.map(({ memory_id, summary_id }) => [memory_id, summary_id]));
  const saidAgain = new Map<string, number>();
  for (const [id, times] of rows.saidAgain) {
    const told = summaryOf.get(id) ?? id;
    saidAgain.set(told, Math.max(times, saidAgain.get(told) ?? 0));
  }
  const living = [...new Set([...saidAgain.keys(), ...rows.updated])];
  await restoreHeld(client, tenantId, living, "told_again", moment);
  await restoreReturned(client, tenantId, live, moment);
  await prolong(transaction, rows.prolonged);
  await postponeReviews(transaction, rows.postponed);
  await makeRoom(transaction, live, moment);
  await updateIndexed(transaction, live, streams, saidAgain);
  await finishMessages(transaction, live, rows);
  await blankMessages(transaction, live, streams);
  await writeSummaries(transaction, live, streams);
  await updateStreams(transaction, live, streams);
}

/** Locks the memories that decisions change, and the summaries that tell them with all that these tell. @returns their newest version numbers; what is gone is absent. */
async function lockDecided(
  { client, tenantId }: IngestTransaction,
  results: readonly StreamResult[],
): Promise<Map<string, number>> {
  const ids = results.flatMap(({ decisions }) => decisions.flatMap(memoriesOf));
  if (ids.length === 0) return new Map();
  const summaries = await summariesOn(client, tenantId, ids);
  const all = await withEpisodes(client, tenantId, [...ids, ...summaries]);
  const { rows } = await client.query<{ id: string; current_version: number }>({
    name: "lock_decided",
    text: `select id, current_version from memories where tenant_id = $1 and id = any ($2::uuid[])
           order by id for update`,
    values: [tenantId, all],
  });
  return new Map(rows.map((row) => [row.id, row.current_version]));
}

/** Known memories that a decision names. */
function memoriesOf(decision: Decision): string[] {
  if (decision.outcome !== "add" && decision.outcome !== "supersede")
    return "memoryId" in decision ? [decision.memoryId] : [];
  const successor = decision.endedBy ? [decision.endedBy.memoryId] : [];
  const ended = decision.outcome === "supersede" ? decision.ended : [];
  return [...successor, ...ended.flatMap((target) => ("memoryId" in target ? [target.memoryId] : []))];
}

/**
 * What is indexed already changes: a new turn is in the windows of the turns before it, and what is said again
 * has one more time. All are taken in the order in which they are marked as indexed, at this moment perhaps.
 */
async function updateIndexed(
  { client, tenantId, content }: IngestTransaction,
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, WritableStream>,
  saidAgain: ReadonlyMap<string, number>,
): Promise<void> {
  const changes = await Promise.all(
    results.flatMap(({ batch, windows }) =>
      [...windows].map(async ([messageId, window]) => {
        const { keyId } = streams.get(batch.streamId) as WritableStream;
        return { messageId, window: await content.sealText(keyId, "memory_versions.window", window) };
      }),
    ),
  );
  if (changes.length === 0 && saidAgain.size === 0) return;
  await client.query({
    name: "update_indexed",
    text: `with windows as (
             select s.memory_id, n.window_ct from unnest($2::uuid[], $3::bytea[]) as n (message_id, window_ct)
             join memory_sources s on s.tenant_id = $1 and s.message_id = n.message_id and s.ordinal = 0
             join messages m on m.tenant_id = $1 and m.id = n.message_id and m.body_ct is not null
             -- A summary has the turns around all that it tells.
             where not exists (select from memory_derivations d where d.tenant_id = $1 and d.memory_id = s.memory_id)),
           again as (select * from unnest($4::uuid[], $5::integer[]) as n (memory_id, times)),
           changed as (select memory_id from windows union select memory_id from again),
           held as (
             select v.memory_id, v.version, case when v.outcome in ('add', 'supersede') then w.window_ct end
               as window_ct, coalesce(a.times, 0) as times
             from changed c
             join memory_versions v on v.tenant_id = $1 and v.memory_id = c.memory_id and v.recorded_to is null
             left join windows w on w.memory_id = c.memory_id
             left join again a on a.memory_id = c.memory_id
             where v.outcome in ('add', 'supersede') or a.memory_id is not null
             order by v.memory_id, v.version for no key update of v)
           update memory_versions v
           set window_ct = coalesce(h.window_ct, v.window_ct), revision = nextval('index_revision'),
             confidence = case when h.times > 0 then greatest(v.confidence,
               least(${SUREST}, 1 - (1 - v.confidence) * power(1 - ${SURER}, h.times))) else v.confidence end
           from held h where v.tenant_id = $1 and v.memory_id = h.memory_id and v.version = h.version`,
    values: [
      tenantId,
      changes.map(({ messageId }) => messageId),
      changes.map(({ window }) => window),
      [...saidAgain.keys()],
      [...saidAgain.values()],
    ],
  });
}

/** What expires by its project's rule, and not by what the application said, lasts longer once it is said again. */
async function prolong(
  { client, tenantId }: IngestTransaction,
  prolonged: readonly Prolonged[],
): Promise<void> {
  if (prolonged.length === 0) return;
  await client.query({
    name: "prolong_memories",
    text: `update memories m set expires_at = n.expires_at
           from (select id, max(expires_at) as expires_at
                 from unnest($2::uuid[], $3::timestamptz[]) as n (id, expires_at) group by id) n
           where m.tenant_id = $1 and m.id = n.id and m.expires_at < n.expires_at
             and not m.expires_given`,
    values: [
      tenantId,
      prolonged.map(({ memoryId }) => memoryId),
      prolonged.map(({ expiresAt }) => expiresAt),
    ],
  });
}

/** Last of all, for adds wait for these rows; most batches change none of them. */
async function updateStreams(
  { client, tenantId, content }: IngestTransaction,
  results: readonly StreamResult[],
  streams: ReadonlyMap<string, WritableStream>,
): Promise<void> {
  const sealed = await Promise.all(
    results.flatMap(({ batch: { streamId }, participants }) => {
      if (!participants) return [];
      const { keyId } = streams.get(streamId) as WritableStream;
      const json = content.sealJson(keyId, "streams.participants", participants);
      return [json.then((participantsCt) => ({ streamId, participantsCt }))];
    }),
  );
  if (sealed.length === 0) return;
  await client.query({
    name: "update_streams",
    text: `update streams s set participants_ct = n.participants_ct
           from unnest($2::uuid[], $3::bytea[]) as n (id, participants_ct)
           where s.tenant_id = $1 and s.id = n.id`,
    values: [
      tenantId,
      sealed.map(({ streamId }) => streamId),
      sealed.map(({ participantsCt }) => participantsCt),
    ],
  });
}
