import type {
  ExactMatch,
  KnownStatement,
  SaidStatement,
  StreamMemory,
} from "@mneme/core/extraction/ingest-store.ts";
import type { MemoryKind, MessageRole } from "@mneme/core/memory/memory.ts";
import { normalizeStatement } from "@mneme/core/memory/normalize.ts";
import type { Content } from "./content.ts";
import { openOr } from "./damage.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";
import type { MemoryDetail } from "./memory-detail.ts";

/** See `IngestStore.findExact`. */
export async function findExact(
  { client, tenantId, mac }: IngestTransaction,
  statements: readonly SaidStatement[],
): Promise<(ExactMatch | undefined)[]> {
  const macs = await Promise.all(statements.map(({ text }) => mac("statement", normalizeStatement(text))));
  const { rows } = await client.query<{ place: string; memory_id: string | null; version: number }>({
    name: "find_exact",
    text: `with said as (
             select * from unnest($2::uuid[], $3::uuid[], $4::bytea[], $5::timestamptz[], $6::timestamptz[],
                 $7::timestamptz[], $8::boolean[], $9::timestamptz[], $10::timestamptz[], $11::bigint[]) with ordinality
               as n (stream_id, audience, text_mac, said_at, at_least, expires_at, given, valid_from, valid_to,
                 within_ms, place)),
           found as (
           select n.place, m.id as memory_id, m.current_version as version, m.state = 'active' and v.recorded_to is null as is_current from said n
           join memory_versions v on v.tenant_id = $1 and v.stream_id = n.stream_id and v.text_mac = n.text_mac
             and (v.recorded_to is null or n.said_at < v.recorded_to)
             and (n.within_ms is null or v.kind <> 'episodic'
               or abs(extract(epoch from v.said_at - n.said_at)) * 1000 <= n.within_ms)
           join memories m on m.tenant_id = $1 and m.id = v.memory_id and m.state in ('active', 'superseded')
             and m.audience = n.audience
             and (m.expires_at is null or m.expires_at > now()
               and m.expires_at >= case when m.expires_given then n.expires_at else n.at_least end)
           join memory_versions c on c.tenant_id = $1 and c.memory_id = m.id and c.recorded_to is null
           where case when n.given
             then v.valid_to is not distinct from n.valid_to and v.valid_from = coalesce(n.valid_from, v.valid_from)
               and (m.state = 'active' or n.said_at < c.valid_to)
             else c.valid_to is null or c.valid_to > n.said_at or c.valid_to <= c.valid_from and v.said_at = n.said_at end
           union all
           select n.place, null, 0, false from said n
           join tombstones t on t.tenant_id = $1 and t.stream_id = n.stream_id and t.audience = n.audience
             and t.text_mac = n.text_mac and t.created_at >= n.said_at)
           select place, memory_id, version from found order by memory_id is null, is_current desc, memory_id`,
    values: [
      tenantId,
      statements.map(({ streamId }) => streamId),
      statements.map(({ audience }) => audience),
      macs,
      statements.map(({ saidAt }) => saidAt),
      statements.map(({ lasting }) => lasting.atLeast ?? null),
      statements.map(({ lasting }) => lasting.expiresAt ?? null),
      statements.map(({ given }) => given !== undefined),
      statements.map(({ given }) => given?.validFrom ?? null),
      statements.map(({ given }) => given?.validTo ?? null),
      statements.map(({ withinMs }) => withinMs ?? null),
    ],
  });
  const matches: (ExactMatch | undefined)[] = statements.map(() => undefined);
  for (const { place, memory_id, version } of rows) {
    const i = Number(place) - 1;
    // Said again after it was deleted and stored anew: the living one counts, of several the oldest that says it today.
    matches[i] ??= memory_id ? { type: "memory", memoryId: memory_id, version } : { type: "tombstone" };
  }
  return matches;
}

/** See `IngestStore.statements`. */
export async function readStatements(
  { client, tenantId, content }: IngestTransaction,
  memories: readonly StreamMemory[],
): Promise<(KnownStatement | undefined)[]> {
  const { rows } = await client.query<StatementRow>({
    name: "read_statements",
    text: `select n.place, v.version, m.state = 'superseded' as is_over, v.text_ct, v.detail_ct, v.vector_ct, v.embedding_model, v.kind, v.role, v.said_at,
             v.valid_from, v.valid_to, v.confidence, v.importance, m.expires_at, m.expires_given
           from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::boolean[]) with ordinality
             as n (stream_id, audience, memory_id, with_ended, place)
           join memories m on m.tenant_id = $1 and m.id = n.memory_id and m.stream_id = n.stream_id
             and m.audience = n.audience and (m.state = 'active' or n.with_ended and m.state = 'superseded')
           join memory_versions v on v.tenant_id = $1 and v.memory_id = n.memory_id and v.recorded_to is null
           where not exists (select from consolidations c
             where c.tenant_id = $1 and c.summary_id = n.memory_id and c.state = 'active')`,
    values: [
      tenantId,
      memories.map(({ streamId }) => streamId),
      memories.map(({ audience }) => audience),
      memories.map(({ memoryId }) => memoryId),
      memories.map(({ withEnded }) => withEnded ?? false),
    ],
  });
  const statements: (KnownStatement | undefined)[] = memories.map(() => undefined);
  await Promise.all(
    rows.map(async (row) => {
      // What can't be read is not known.
      statements[Number(row.place) - 1] = await openOr(() => openStatement(content, row), undefined);
    }),
  );
  return statements;
}

interface StatementRow {
  readonly place: string;
  readonly version: number;
  readonly is_over: boolean;
  readonly text_ct: Buffer;
  readonly detail_ct: Buffer;
  readonly vector_ct: Buffer;
  readonly embedding_model: string;
  readonly kind: MemoryKind;
  readonly role: MessageRole | null;
  readonly said_at: Date;
  readonly valid_from: Date;
  readonly valid_to: Date | null;
  readonly confidence: number;
  readonly importance: number;
  readonly expires_at: Date | null;
  readonly expires_given: boolean;
}

async function openStatement(content: Content, row: StatementRow): Promise<KnownStatement | undefined> {
  const [text, detail, vector] = await Promise.all([
    content.openText("memory_versions.text", row.text_ct),
    content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct),
    content.openVector("memory_versions.vector", row.vector_ct),
  ]);
  if (text === undefined || detail === undefined || vector === undefined) return undefined;
  return {
    version: row.version,
    isOver: row.is_over,
    text,
    kind: row.kind,
    speaker: detail.speaker ?? undefined,
    role: row.role ?? undefined,
    saidAt: row.said_at,
    validFrom: row.valid_from,
    validTo: row.valid_to ?? undefined,
    expiresAt: row.expires_at ?? undefined,
    isExpiryGiven: row.expires_given,
    metadata: detail.metadata,
    entities: detail.entities,
    confidence: row.confidence,
    importance: row.importance,
    vector,
    embeddingModel: row.embedding_model,
  };
}
