import { reviewRuleOf } from "../extraction/review-time.ts";
import type { ReviewRule, Settings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { AgeingStore } from "./ageing-store.ts";
import { decideReview } from "./decide-review.ts";
import { type WalkCursor, walkProjects } from "./project-walk.ts";
import type { ReviewCounts, ReviewStore } from "./review-store.ts";
import type { StepOptions } from "./step-options.ts";

export interface ReviewDeps {
  readonly store: Pick<AgeingStore, "nextProject">;
  readonly reviews: ReviewStore;
  readonly settings: SettingsOf;
  readonly now: () => Date;
}

export interface ReviewPage {
  readonly counts: ReviewCounts;
  /** Undefined at the end. */
  readonly next: WalkCursor | undefined;
}

const MEMORIES_AT_ONCE = 500;
const FORGOTTEN_AT_ONCE = 10_000;
const NOTHING: ReviewCounts = { refreshed: 0, downgraded: 0, archived: 0, removed: 0, left: 0 };

/**
 * Holds the reviews that are due, a page of one project's memories; projects of which no rule says what to do are passed
 * over, and so are memories of which none says so, once they were looked at. Held again it finds nothing due any more.
 */
export async function reviewStale(
  deps: ReviewDeps,
  tenantId: string,
  cursor: WalkCursor,
  { forMs = Number.POSITIVE_INFINITY, signal }: StepOptions = {},
): Promise<ReviewPage> {
  const until = performance.now() + forMs;
  if (cursor.projectId === undefined)
    while (await deps.reviews.forget(tenantId, FORGOTTEN_AT_ONCE, signal))
      if (performance.now() >= until) return { counts: NOTHING, next: {} };
  const at = await walkProjects(deps, tenantId, cursor, rulesOf, { until, signal });
  if (!at?.rule) return { counts: NOTHING, next: at && { projectId: at.projectId } };
  const { projectId, rule } = at;
  const after = projectId === cursor.projectId ? cursor.after : undefined;
  return reviewPage(deps, tenantId, { projectId, rules: rule, after }, signal);
}

async function reviewPage(
  { reviews, now }: ReviewDeps,
  tenantId: string,
  {
    projectId,
    rules,
    after,
  }: WalkCursor & { readonly projectId: string; readonly rules: readonly ReviewRule[] },
  signal: AbortSignal | undefined,
): Promise<ReviewPage> {
  const moment = now();
  const by = JSON.stringify(rules);
  const page = { now: moment, rules: by, after, limit: MEMORIES_AT_ONCE };
  const due = await reviews.due(tenantId, projectId, page, signal);
  const looked = due.map((memory) => {
    return { memory, decision: decideReview(memory, reviewRuleOf(memory, rules), moment) };
  });
  const reviewed = looked.flatMap(({ memory, decision }) => (decision ? [{ memory, decision }] : []));
  const passed = looked.flatMap(({ memory, decision }) => (decision ? [] : [memory]));
  await reviews.passOver(tenantId, passed, by, signal);
  const counts = reviewed.length > 0 ? await reviews.apply(tenantId, projectId, reviewed, signal) : NOTHING;
  const last = due.length < MEMORIES_AT_ONCE ? undefined : due.at(-1)?.memoryId;
  return { counts, next: { projectId, after: last } };
}

/** Undefined where none says what to do. */
function rulesOf({ review }: Settings): readonly ReviewRule[] | undefined {
  const rules = review?.rules ?? [];
  return rules.some(({ whenStale }) => whenStale) ? rules : undefined;
}
