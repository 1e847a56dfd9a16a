import type { Rating } from "@mneme/core/feedback/feedback.ts";
import { FEEDBACK_HALF_LIFE_DAYS, type Opinions, type Said } from "@mneme/core/feedback/feedback-factor.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import type { Query } from "../read-together.ts";

interface OpinionRow {
  readonly memory_id: string;
  readonly own_rating: Rating | null;
  readonly own_weight: number | null;
  readonly application_rating: Rating | null;
  readonly application_weight: number | null;
  readonly positive: number;
  readonly negative: number;
  readonly very_negative: number;
}

/** What is said of memories, as a search about this person sees it. */
export function opinionsQuery(ids: ScopeIds, memoryIds: readonly string[]): Query<OpinionRow> {
  return {
    name: "feedback_on",
    text: "select * from feedback_on($1::uuid[], $2::uuid, make_interval(days => $3))",
    values: [[...new Set(memoryIds)], ids.subject?.id ?? null, FEEDBACK_HALF_LIFE_DAYS],
  };
}

/** By memory; those of which nothing is said are not in it. */
export function toOpinions(rows: readonly OpinionRow[]): Map<string, Opinions> {
  return new Map(
    rows.map((row) => [
      row.memory_id,
      {
        own: said(row.own_rating, row.own_weight),
        application: said(row.application_rating, row.application_weight),
        others: { positive: row.positive, negative: row.negative, very_negative: row.very_negative },
      },
    ]),
  );
}

function said(rating: Rating | null, weight: number | null): Said | undefined {
  return rating === null || weight === null ? undefined : { rating, weight };
}
