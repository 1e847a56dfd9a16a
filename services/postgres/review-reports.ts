import type { ReviewDecision } from "@mneme/core/ageing/decide-review.ts";
import type { MemoryReview, ReviewListing, ReviewReports } from "@mneme/core/ageing/review-store.ts";
import type { Database } from "./database.ts";
import { fenceJoin, notFenced } from "./fence.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import { openReader, type Query, type TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { lookUpScope } from "./scope-lookup.ts";

interface ReviewRow {
  readonly id: string;
  readonly memory_id: string;
  readonly subject_id: string | null;
  readonly action: ReviewDecision["action"];
  readonly due_at: Date;
  readonly reviewed_at: Date;
  readonly confidence_before: number;
  readonly confidence_after: number;
  readonly next_review_at: Date | null;
}

/** What reviews did, as far as it may be read. */
export function createReviewReports(database: Database): ReviewReports {
  return {
    list: async (tenancy, listing, signal) =>
      listReviews(await openReader(database, tenancy), listing, signal),
  };
}

async function listReviews(
  reader: TenantReader,
  { scope, actions, pageSize, pageToken }: ReviewListing,
  signal: AbortSignal | undefined,
): Promise<Awaited<ReturnType<ReviewReports["list"]>>> {
  const filters = ["reviews", reader.projectId, Object.entries(scope).sort(), [...actions].sort()];
  const after = await openPageToken(reader.mac, filters, pageToken);
  const found = await lookUpScope(reader, scope, signal);
  if (!found) return { reviews: [], nextPageToken: "" };
  const only = scopeFilter(found.ids, "e", 6);
  const query: Query<ReviewRow> = {
    name: `list_reviews_${only.shape}`,
    text: `select e.id, e.memory_id, e.subject_id, e.action, e.due_at, e.reviewed_at, e.confidence_before,
             e.confidence_after, e.next_review_at
           from memory_reviews e ${fenceJoin("e")}
           where e.tenant_id = $1 and e.project_id = $2 and ${notFenced("e")}
             and ($3::uuid is null or e.id < $3) and (cardinality($4::text[]) = 0 or e.action = any ($4))
             and e.reviewed_at >= now() - interval '90 days' ${only.text}
           order by e.id desc limit $5`,
    values: [reader.tenantId, reader.projectId, after ?? null, actions, pageSize + 1, ...only.values],
  };
  const [rows] = await reader.read([query], signal);
  const shown = rows.slice(0, pageSize);
  for (const { subject_id, memory_id } of shown) {
    reader.audit?.about(subject_id);
    reader.audit?.touches("memory", memory_id);
  }
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  const nextPageToken = last ? await sealPageToken(reader.mac, filters, last.id) : "";
  return { reviews: shown.map(toReview), nextPageToken };
}

function toReview(row: ReviewRow): MemoryReview {
  return {
    id: row.id,
    memoryId: row.memory_id,
    action: row.action,
    dueAt: row.due_at,
    reviewedAt: row.reviewed_at,
    confidenceBefore: row.confidence_before,
    confidenceAfter: row.confidence_after,
    nextReviewAt: row.next_review_at ?? undefined,
  };
}
