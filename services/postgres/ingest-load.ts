import type { Turn } from "@mneme/core/extraction/extractor.ts";
import type { PendingMessage, StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import type { Metadata } from "@mneme/core/memory/memory.ts";
import type { Participant } from "@mneme/core/tenancy/scope.ts";
import type pg from "pg";
import type { Content } from "./content.ts";
import { openOr, unlessDamaged } from "./damage.ts";
import { type DeletedSpan, deletedSpansOf, withoutSpans } from "./deleted-spans.ts";
import type { PendingRow } from "./ingest-pending.ts";
import { draftOf, type MessageBody } from "./message-body.ts";

type TurnRow = Pick<
  PendingRow,
  "id" | "stream_id" | "session_id" | "role" | "body_ct" | "sent_at" | "position"
>;

const TURN_COLUMNS = "id, stream_id, session_id, role, body_ct, sent_at, position";

/**
 * Groups rows by stream, in their order, and opens the first ones of each whose turns have one audience; each
 * group comes with the turns before it.
 */
export async function toBatches(
  client: pg.PoolClient,
  content: Content,
  tenantId: string,
  rows: readonly PendingRow[],
): Promise<StreamBatch[]> {
  const loadedAt = new Date();
  const fronts = [...Map.groupBy(rows, (row) => row.stream_id).values()].map(frontOf);
  const context = await selectContext(client, tenantId, fronts);
  const deleted = await deletedSpansOf(client, tenantId, context);
  const contextOf = Map.groupBy(context, (row) => row.stream_id);
  return Promise.all(
    fronts.map((front) => {
      const before = contextOf.get(front.first.stream_id) ?? [];
      return openBatch(content, front, { rows: before, deleted, loadedAt });
    }),
  );
}

/** What is told with a batch of what was said before it. */
interface Before {
  readonly rows: readonly TurnRow[];
  readonly deleted: ReadonlyMap<string, readonly DeletedSpan[]>;
  readonly loadedAt: Date;
}

/** The first messages of a stream whose turns have one audience. */
interface Front {
  readonly first: PendingRow;
  readonly rows: readonly PendingRow[];
  readonly audience: string;
  /** The audience's. */
  readonly summary_ct: Buffer | null;
}

/**
 * A turn that follows to another audience begins a batch of its own: it has another context. Finished statements
 * have none.
 */
function frontOf(rows: readonly PendingRow[]): Front {
  const first = rows[0] as PendingRow;
  const { audience, summary_ct } = rows.find((row) => !row.is_finished) ?? first;
  const end = rows.findIndex((row) => !row.is_finished && row.audience !== audience);
  return { first, rows: rows.slice(0, end < 0 ? rows.length : end), audience, summary_ct };
}

async function openBatch(
  content: Content,
  { first, rows, audience, summary_ct }: Front,
  before: Before,
): Promise<StreamBatch> {
  const stream = {
    loadedAt: before.loadedAt,
    streamId: first.stream_id,
    audience,
    projectId: first.project_id,
    attempts: first.attempts,
    subject: first.subject_id ? { id: first.subject_id, epoch: first.epoch } : undefined,
  };
  const opened = await unlessDamaged(() => Promise.all(rows.map((row) => openPending(content, row))));
  if ("damage" in opened) {
    const pending = rows.map((row) => pendingOf(row, turnOf(row, NO_BODY), {}, NO_BODY));
    return { ...stream, participants: [], summary: "", context: [], pending, unreadable: opened.damage };
  }
  // What only helps to read them is gone without where it is damaged, and then written anew.
  const { participants_ct } = first;
  const participants = () => content.openJson<Participant[]>("streams.participants", participants_ct);
  const summary = () => content.openText("stream_summaries.summary", summary_ct);
  return {
    ...stream,
    participants: (await openOr(participants, undefined)) ?? [],
    summary: (await openOr(summary, undefined)) ?? "",
    context: await openContext(content, before),
    pending: opened.value,
  };
}

/** What can't be opened is gone without, and so is what told of a memory that was deleted: nothing new is made of it. */
async function openContext(content: Content, { rows, deleted }: Before): Promise<Turn[]> {
  const opened = await Promise.all(rows.map((row) => openOr(() => openTurn(content, row), undefined)));
  return opened.flatMap((one) => {
    if (!one || one.body.draft) return [];
    const spans = deleted.get(one.turn.messageId) ?? [];
    const text = withoutSpans(one.turn.text, spans);
    return spans.length > 0 && text === "" ? [] : [{ ...one.turn, text }];
  });
}

/** A longer turn is no context for the next one, and no window takes it in. */
const CONTEXT_BYTES = 32 * 1024;
/** Turns among which those to one audience are looked for. */
const CONTEXT_REACH = 20;

/** The 10 turns to the audience before each stream's batch, and the 3 before it in each session that it touches. */
async function selectContext(
  client: pg.PoolClient,
  tenantId: string,
  fronts: readonly Front[],
): Promise<TurnRow[]> {
  const sessions = fronts.flatMap((front) => {
    const ids = new Set(front.rows.map((row) => row.session_id));
    return [...ids].flatMap((id) => (id ? [{ ...front, id }] : []));
  });
  const { rows } = await client.query<TurnRow>({
    name: "ingest_load_context",
    text: `
      select m.* from unnest($2::uuid[], $3::uuid[], $4::bigint[]) as s (stream_id, audience, first)
      cross join lateral (
        select ${TURN_COLUMNS} from (
          select * from messages where tenant_id = $1 and stream_id = s.stream_id and position < s.first
          order by position desc limit ${CONTEXT_REACH}) near
        where audience = s.audience
        order by position desc limit 10) m
      where octet_length(m.body_ct) <= ${CONTEXT_BYTES}
      union
      select m.* from unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::bigint[])
        as s (stream_id, audience, session_id, first)
      cross join lateral (
        select ${TURN_COLUMNS} from messages
        where tenant_id = $1 and session_id = s.session_id and stream_id = s.stream_id
          and audience = s.audience and position < s.first
        order by position desc limit 3) m
      where octet_length(m.body_ct) <= ${CONTEXT_BYTES}
      order by stream_id, position`,
    values: [
      tenantId,
      fronts.map(({ first }) => first.stream_id),
      fronts.map(({ audience }) => audience),
      fronts.map(({ first }) => first.position),
      sessions.map(({ first }) => first.stream_id),
      sessions.map(({ audience }) => audience),
      sessions.map(({ id }) => id),
      sessions.map(({ first }) => first.position),
    ],
  });
  return rows;
}

async function openPending(content: Content, row: PendingRow): Promise<PendingMessage> {
  const { turn, body } = await openTurn(content, row);
  const metadata = (await content.openJson<Metadata>("extractions.metadata", row.metadata_ct)) ?? {};
  return pendingOf(row, turn, metadata, body);
}

function pendingOf(row: PendingRow, turn: Turn, metadata: Metadata, body: MessageBody): PendingMessage {
  return {
    turn,
    extractionId: row.extraction_id,
    apiKeyId: row.api_key_id ?? undefined,
    audience: row.audience,
    ids: {
      subject: row.subject_id ? { id: row.subject_id, epoch: row.epoch } : undefined,
      agentId: row.agent_id ?? undefined,
      appId: row.app_id ?? undefined,
      teamId: row.team_id ?? undefined,
      sessionId: row.session_id ?? undefined,
    },
    metadata,
    draft: draftOf(body),
    ...(body.toolCalls.length > 0 && { toolCalls: body.toolCalls }),
    ...(row.may_wait && { mayWait: true }),
  };
}

const NO_BODY: MessageBody = { name: null, text: "", toolCalls: [], toolCallId: null };

async function openTurn(content: Content, row: TurnRow): Promise<{ turn: Turn; body: MessageBody }> {
  const body = (await content.openJson<MessageBody>("messages.body", row.body_ct)) ?? NO_BODY;
  return { turn: turnOf(row, body), body };
}

function turnOf(row: TurnRow, body: MessageBody): Turn {
  return {
    messageId: row.id,
    sessionId: row.session_id ?? undefined,
    role: row.role,
    name: body.name ?? undefined,
    text: body.text,
    sentAt: row.sent_at,
  };
}
