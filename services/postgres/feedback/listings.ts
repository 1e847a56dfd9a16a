import type { Feedback, Miss, Rating } from "@mneme/core/feedback/feedback.ts";
import type { FeedbackListing } from "@mneme/core/feedback/feedback-store.ts";
import type { Page, PageAsked } from "@mneme/core/tenancy/page.ts";
import { openOr } from "../damage.ts";
import { fenceJoin, notFenced } from "../fence.ts";
import { openPageToken, sealPageToken } from "../page-token.ts";
import type { Query, TenantReader } from "../read-together.ts";
import { openScopes } from "../scope-names.ts";
import type { MissReport } from "./report-miss.ts";

interface SaidRow {
  readonly id: string;
  readonly subject_id: string | null;
  readonly search_id: string | null;
}

interface FeedbackRow extends SaidRow {
  readonly memory_id: string;
  readonly rating: Rating;
  readonly comment_ct: Buffer | null;
  readonly given_at: Date;
}

interface MissRow extends SaidRow {
  readonly report_ct: Buffer;
  readonly expected_memory_id: string | null;
  readonly reported_at: Date;
}

/**
 * One page of what is said of memories, newest first. Of fenced people nothing is listed, and nothing of a team's memory
 * that the reader is not granted: a comment may quote it.
 */
export function listFeedback(
  reader: TenantReader,
  { memoryId, ...asked }: FeedbackListing,
  signal?: AbortSignal,
): Promise<Page<Feedback>> {
  const filters = ["feedback", reader.projectId, memoryId ?? null];
  return listNewest(reader, asked, filters, signal, {
    query: (after, most): Query<FeedbackRow> => ({
      name: memoryId === undefined ? "list_feedback" : "list_feedback_of_memory",
      text: `select f.id, f.subject_id, f.search_id, f.memory_id, f.rating, f.comment_ct, f.given_at
             from feedback f join memories m on m.tenant_id = f.tenant_id and m.id = f.memory_id
             ${fenceJoin("f")}
             where f.tenant_id = $1 and f.project_id = $2 and ${notFenced("f")}
               and ($3::uuid is null or f.id < $3) and ${memoryId === undefined ? "$5::uuid is null" : "f.memory_id = $5"}
             order by f.id desc limit $4`,
      values: [reader.tenantId, reader.projectId, after ?? null, most, memoryId ?? null],
    }),
    open: async (row, userId) => ({
      memoryId: row.memory_id,
      rating: row.rating,
      comment:
        (await openOr(() => reader.content.openText("feedback.comment", row.comment_ct), undefined)) ?? "",
      userId,
      searchId: row.search_id ?? undefined,
      givenAt: row.given_at,
    }),
  });
}

/** One page of reported misses, newest first; of fenced people nothing is listed. */
export function listMisses(
  reader: TenantReader,
  asked: PageAsked,
  signal?: AbortSignal,
): Promise<Page<Miss>> {
  return listNewest(reader, asked, ["misses", reader.projectId], signal, {
    query: (after, most): Query<MissRow> => ({
      name: "list_misses",
      text: `select f.id, f.subject_id, f.search_id, f.report_ct, f.expected_memory_id, f.reported_at
             from search_misses f ${fenceJoin("f")}
             where f.tenant_id = $1 and f.project_id = $2 and ${notFenced("f")}
               and ($3::uuid is null or f.id < $3) and f.reported_at >= now() - interval '90 days'
             order by f.id desc limit $4`,
      values: [reader.tenantId, reader.projectId, after ?? null, most],
    }),
    open: async (row, userId) => {
      const opening = () => reader.content.openJson<MissReport>("search_misses.report", row.report_ct);
      const report = await openOr(opening, undefined);
      return {
        id: row.id,
        query: report?.query ?? "",
        expectedText: report?.expectedText ?? "",
        expectedMemoryId: row.expected_memory_id ?? undefined,
        userId,
        searchId: row.search_id ?? undefined,
        reportedAt: row.reported_at,
      };
    },
  });
}

interface Listed<Row, T> {
  readonly query: (after: string | undefined, most: number) => Query<Row>;
  readonly open: (row: Row, userId: string | undefined) => Promise<T>;
}

async function listNewest<Row extends SaidRow, T>(
  reader: TenantReader,
  { pageSize, pageToken }: PageAsked,
  filters: readonly unknown[],
  signal: AbortSignal | undefined,
  { query, open }: Listed<Row, T>,
): Promise<Page<T>> {
  const after = await openPageToken(reader.mac, filters, pageToken);
  const [rows] = await reader.read([query(after, pageSize + 1)], signal);
  const shown = rows.slice(0, pageSize);
  for (const { subject_id } of shown) reader.audit?.about(subject_id);
  const nobodyElse = { agent_id: null, app_id: null, team_id: null, session_id: null };
  const scopes = await openScopes(
    reader,
    shown.map(({ subject_id }) => ({ ...nobodyElse, subject_id })),
    signal,
  );
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return {
    items: await Promise.all(shown.map((row, index) => open(row, scopes[index]?.userId))),
    nextPageToken: last ? await sealPageToken(reader.mac, filters, last.id) : "",
  };
}
