import { reviewRuleOf } from "../extraction/review-time.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { AgeingStore } from "./ageing-store.ts";
import { decideReview } from "./decide-review.ts";
import type { FadeCursor } from "./fade.ts";
import type { ReviewCounts, ReviewStore } from "./review-store.ts";

export interface ReviewDeps {
  readonly store: Pick<AgeingStore, "nextProject">;
  readonly reviews: ReviewStore;
  readonly settings: SettingsOf;
  readonly now: () => Date;
}

export interface ReviewPage {
  readonly counts: ReviewCounts;
  /** Undefined at the end. */
  readonly next: FadeCursor | undefined;
}

const MEMORIES_AT_ONCE = 500;
const NOTHING: ReviewCounts = { refreshed: 0, downgraded: 0, archived: 0, removed: 0, left: 0 };

/**
 * Holds the reviews that are due, a page of one project's memories; projects of which no rule says what to do are passed
 * over, and so are memories of which none says so, once they were looked at. Held again it finds nothing due any more.
 */
export async function reviewStale(
  { store, reviews, settings, now }: ReviewDeps,
  tenantId: string,
  cursor: FadeCursor,
  signal?: AbortSignal,
): Promise<ReviewPage> {
  if (cursor.projectId === undefined) await reviews.forget(tenantId, signal);
  let projectId = cursor.after
    ? cursor.projectId
    : await store.nextProject(tenantId, cursor.projectId, signal);
  while (projectId !== undefined) {
    const rules = (await settings.of(tenantId, projectId)).review?.rules ?? [];
    if (rules.some(({ whenStale }) => whenStale)) {
      const { after } = projectId === cursor.projectId ? cursor : {};
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
      const counts =
        reviewed.length > 0 ? await reviews.apply(tenantId, projectId, reviewed, signal) : NOTHING;
      const last = due.length < MEMORIES_AT_ONCE ? undefined : due.at(-1)?.memoryId;
      return { counts, next: { projectId, after: last } };
    }
    projectId = await store.nextProject(tenantId, projectId, signal);
  }
  return { counts: NOTHING, next: undefined };
}
