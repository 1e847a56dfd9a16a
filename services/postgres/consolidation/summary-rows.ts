import type { PlannedSummary } from "@mneme/core/consolidation/consolidation-store.ts";
import { insertMentions } from "../graph-writes.ts";
import type { IngestTransaction } from "../ingest-transaction.ts";
import { insertMemories, insertVersions } from "../memory-writes.ts";

/** What a cluster's memories have in common, read once they are held. */
export interface Held {
  readonly bucket: number;
  readonly subject_id: string | null;
  readonly epoch: number;
  readonly agent_id: string | null;
  readonly app_id: string | null;
  readonly team_id: string | null;
  /** Of the first. */
  readonly session_id: string | null;
  /** Seals what is theirs. */
  readonly key_id: string;
  /** Record time of what is made of them, as PostgreSQL prints it. */
  readonly moment: string;
}

/** Writes the memory that tells a cluster: its version, what it rests on, sources, sessions and names. */
export async function writeSummaryMemory(
  transaction: IngestTransaction,
  planned: PlannedSummary,
  held: Held,
): Promise<void> {
  const { client, tenantId, content: sealed, mac } = transaction;
  const { summaryId: id, projectId, streamId, audience, content, extractor, rule, embeddingModel } = planned;
  const { bucket, key_id: keyId, moment } = held;
  const ids = {
    subject: held.subject_id === null ? undefined : { id: held.subject_id, epoch: held.epoch },
    agentId: held.agent_id ?? undefined,
    appId: held.app_id ?? undefined,
    teamId: held.team_id ?? undefined,
    sessionId: held.session_id ?? undefined,
  };
  const memory = { id, projectId, streamId, bucket, apiKeyId: undefined, ids, audience };
  const { expiresAt, isExpiryGiven, reviewAt } = content;
  await insertMemories(client, tenantId, [{ ...memory, expiresAt, isExpiryGiven, reviewAt }]);
  const made = { outcome: "add", rule, extractor, embeddingModel, extractionId: undefined } as const;
  const version = { memoryId: id, version: 1, streamId, bucket, keyId, content, ...made };
  await insertVersions(client, tenantId, sealed, (text) => mac("statement", text), [version], moment);
  await restOn(transaction, planned, moment);
  const { entities } = content.statement;
  const validFrom = content.statement.valid.from ?? content.features.saidAt;
  const names = { memoryId: id, projectId, keyId, entities, relations: [], validFrom, validTo: undefined };
  await insertMentions({ client, tenantId, content: sealed, mac }, [names], moment);
  await retellRelations(transaction, planned, moment);
}

/** It rests on its episodes, has all their sources, each once, and is found in all their sessions. */
async function restOn(
  { client, tenantId }: IngestTransaction,
  { summaryId: id, episodes }: PlannedSummary,
  moment: string,
): Promise<void> {
  await client.query({
    name: "rest_summary",
    text: `with told as (select id, place from unnest($3::uuid[]) with ordinality as n (id, place)),
           derived as (
             insert into memory_derivations (tenant_id, memory_id, from_memory_id) select $1, $2, id from told),
           sessions as (
             insert into memory_sessions (tenant_id, session_id, memory_id)
             select distinct $1::uuid, s.session_id, $2::uuid from told
             join memory_sessions s on s.tenant_id = $1 and s.memory_id = told.id),
           spans as (
             select s.message_id, s.span_start, s.span_end, min((told.place, s.ordinal)) as place from told
             join memory_sources s on s.tenant_id = $1 and s.memory_id = told.id
             group by s.message_id, s.span_start, s.span_end)
           insert into memory_sources (tenant_id, memory_id, ordinal, message_id, span_start, span_end, recorded_at)
           select $1, $2, row_number() over (order by place, message_id, span_start) - 1, message_id, span_start,
             span_end, $4::timestamptz
           from spans`,
    values: [tenantId, id, episodes.map(({ memoryId }) => memoryId), moment],
  });
}

/** What its episodes told of the graph, each relation once. */
async function retellRelations(
  { client, tenantId }: IngestTransaction,
  { summaryId: id, episodes }: PlannedSummary,
  moment: string,
): Promise<void> {
  await client.query({
    name: "retell_relations",
    text: `insert into relations (tenant_id, id, source_entity_id, type, target_entity_id, memory_id, valid_from, valid_to,
             recorded_from, subject_id)
           select $1, gen_random_uuid(), source_entity_id, type, target_entity_id, $2, min(valid_from),
             case when count(valid_to) = count(*) then max(valid_to) end, $4::timestamptz, min(subject_id::text)::uuid
           from relations
           where tenant_id = $1 and memory_id = any ($3::uuid[]) and recorded_to is null
             and exists (select from memory_entities t where t.tenant_id = $1 and t.memory_id = $2
               and t.entity_id = source_entity_id)
             and exists (select from memory_entities t where t.tenant_id = $1 and t.memory_id = $2
               and t.entity_id = target_entity_id)
           group by source_entity_id, type, target_entity_id`,
    values: [tenantId, id, episodes.map(({ memoryId }) => memoryId), moment],
  });
}
