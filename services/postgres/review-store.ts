import type { ReviewDecision } from "@mneme/core/ageing/decide-review.ts";
import type {
  DueMemory,
  ReviewCounts,
  ReviewedMemory,
  ReviewStore,
} from "@mneme/core/ageing/review-store.ts";
import { eventOfService } from "@mneme/core/audit/auditor.ts";
import type { MemoryKind } from "@mneme/core/memory/memory.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { insertEvents } from "./audit-rows.ts";
import { withEpisodes } from "./consolidation/resting.ts";
import { archiveHeld, hold, isUsedSince } from "./memory-archive.ts";
import { dropMemories } from "./memory-removal.ts";
import { CURRENT_VERSION, FENCE, NOT_ARCHIVED, NOT_EXPIRED, NOT_FENCED } from "./memory-rows.ts";
import { writeNextVersions } from "./memory-succession.ts";
import { withTenant } from "./pool.ts";
import { RESTORED_AT } from "./signs-of-life.ts";
import { wakeIngest } from "./wake-ingest.ts";

const FIRST = "00000000-0000-0000-0000-000000000000";
/** What writes a downgraded version, as its provenance says. */
const REVIEW = { name: "review", version: "1" } as const;
const RULE = "stale";

interface DueRow {
  readonly id: string;
  readonly version: number;
  readonly revision: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly review_at: Date;
  readonly since: Date;
  readonly confirmed_at: Date | null;
}

/** Reviews over all projects of a tenant. */
export function createReviewStore(pool: pg.Pool): ReviewStore {
  return {
    due: (tenantId, projectId, { now, rules, after, limit }, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<DueRow>({
            name: "reviews_due",
            text: DUE,
            values: [tenantId, projectId, after ?? FIRST, now, limit, rules],
          });
          return rows.map(toDue);
        },
        signal,
      ),
    passOver: (tenantId, memories, rules, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          if (memories.length === 0) return;
          const ids = memories.map(({ memoryId }) => memoryId);
          const versions = memories.map(({ version }) => version);
          const values = [tenantId, ids, versions, rules];
          await client.query({ name: "reviews_pass_over", text: PASS_OVER, values });
        },
        signal,
      ),
    apply: (tenantId, projectId, reviewed, signal) =>
      withTenant(pool, tenantId, (client) => applyReviews(client, tenantId, projectId, reviewed), signal),
    forget: (tenantId, limit, signal) =>
      withTenant(
        pool,
        tenantId,
        async (client) => {
          const { rowCount } = await client.query({
            name: "reviews_forget",
            text: FORGET,
            values: [tenantId, limit],
          });
          return rowCount === limit;
        },
        signal,
      ),
  };
}

const FORGET = `
  delete from memory_reviews where tenant_id = $1 and id = any (array(
    select id from memory_reviews where tenant_id = $1 and reviewed_at < now() - interval '90 days'
    order by reviewed_at limit $2))`;

/** Of a source, an earlier one that the same add brought: what is said twice at once is told once. */
const SAID_IN_THE_SAME_ADD = `select from messages g
  join messages h on h.tenant_id = g.tenant_id and h.extraction_id = g.extraction_id
  join memory_sources f on f.tenant_id = h.tenant_id and f.message_id = h.id
  where g.tenant_id = s.tenant_id and g.id = s.message_id and f.memory_id = s.memory_id and f.ordinal < s.ordinal`;

/**
 * What confirms a memory: it is told again or more closely, changed by hand, returned by a search, or restored. What a
 * summary was made of says nothing again.
 */
const CONFIRMED_AT = `greatest(
  case when v.version > 1 then v.recorded_from end,
  (select u.last_used_at from memory_uses u where u.tenant_id = m.tenant_id and u.memory_id = m.id),
  (select max(s.recorded_at) from memory_sources s where s.tenant_id = m.tenant_id and s.memory_id = m.id
     and s.ordinal > 0 and s.recorded_at > (
       select f.recorded_from from memory_versions f
       where f.tenant_id = m.tenant_id and f.memory_id = m.id and f.version = 1)
     and not exists (${SAID_IN_THE_SAME_ADD})),
  ${RESTORED_AT})`;

const DUE = `
  select m.id, v.version, v.revision, v.kind, v.category, v.confidence, m.review_at,
    coalesce(m.reviewed_at, m.created_at) as since, ${CONFIRMED_AT} as confirmed_at
  from memories m ${CURRENT_VERSION} ${FENCE}
  where m.tenant_id = $1 and m.project_id = $2 and m.id > $3 and m.review_at <= $4 and m.state = 'active'
    and m.passed_over_by is distinct from hashtextextended($6, 0)
    and ${NOT_ARCHIVED} and ${NOT_EXPIRED} and ${NOT_FENCED}
  order by m.id limit $5`;

/** Locks in the order of all writers. */
const PASS_OVER = `
  with held as (
    select m.id from memories m join unnest($2::uuid[], $3::integer[]) as n (id, version)
      on n.id = m.id and n.version = m.current_version
    where m.tenant_id = $1 order by m.id for update of m)
  update memories m set passed_over_by = hashtextextended($4, 0) from held where m.tenant_id = $1 and m.id = held.id`;

function toDue({ id, review_at, since, confirmed_at, ...row }: DueRow): DueMemory {
  return { ...row, memoryId: id, reviewAt: review_at, since, confirmedAt: confirmed_at ?? undefined };
}

type Of<Action> = ReviewedMemory & { readonly decision: Extract<ReviewDecision, { action: Action }> };

async function applyReviews(
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
  reviewed: readonly ReviewedMemory[],
): Promise<ReviewCounts> {
  const ids = reviewed.map(({ memory }) => memory.memoryId);
  const { memories, moment } = await hold(client, tenantId, ids);
  const reviewAt = await reviewTimes(client, tenantId, ids);
  const unchanged = reviewed.filter(({ memory }) => {
    const now = memories.get(memory.memoryId);
    const isSame = now?.version === memory.version && now.revision === memory.revision && now.reason === null;
    return (
      isSame &&
      !isUsedSince(now, memory.confirmedAt) &&
      reviewAt.get(memory.memoryId) === memory.reviewAt.getTime()
    );
  });
  const of = <A extends ReviewDecision["action"]>(action: A) =>
    unchanged.filter(({ decision }) => decision.action === action) as Of<A>[];
  await note(client, tenantId, projectId, unchanged, moment);
  await downgrade(client, tenantId, of("downgraded"), moment);
  await archiveHeld(client, tenantId, idsOf(of("archived")), "stale", moment);
  await postpone(client, tenantId, unchanged, moment);
  const removed = await remove(client, tenantId, idsOf(of("removed")));
  for (const action of ["downgraded", "archived"] as const)
    await audit(client, tenantId, projectId, `review/${action}`, idsOf(of(action)));
  await audit(client, tenantId, projectId, "review/removed", removed);
  return {
    refreshed: of("refreshed").length,
    downgraded: of("downgraded").length,
    archived: of("archived").length,
    removed: of("removed").length,
    left: reviewed.length - unchanged.length,
  };
}

const idsOf = (reviewed: readonly ReviewedMemory[]) => reviewed.map(({ memory }) => memory.memoryId);

async function reviewTimes(
  client: pg.PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number | undefined>> {
  const { rows } = await client.query<{ id: string; review_at: Date | null }>({
    name: "review_times",
    text: "select id, review_at from memories where tenant_id = $1 and id = any ($2::uuid[])",
    values: [tenantId, ids],
  });
  return new Map(rows.map(({ id, review_at }) => [id, review_at?.getTime()]));
}

/** Before anything is removed: whose it was is copied from the memory. */
async function note(
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
  reviewed: readonly ReviewedMemory[],
  moment: string,
): Promise<void> {
  await client.query({
    name: "note_reviews",
    text: `insert into memory_reviews (tenant_id, project_id, id, memory_id, subject_id, epoch, agent_id, app_id,
             team_id, session_id, action, due_at, reviewed_at, confidence_before, confidence_after, next_review_at)
           select $1, $2, n.id, m.id, m.subject_id, m.epoch, m.agent_id, m.app_id, m.team_id, m.session_id,
             n.action, n.due_at, $3::timestamptz, n.before, n.after, n.next
           from unnest($4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[], $8::real[], $9::real[],
             $10::timestamptz[]) as n (id, memory_id, action, due_at, before, after, next)
           join memories m on m.tenant_id = $1 and m.id = n.memory_id`,
    values: [
      tenantId,
      projectId,
      moment,
      reviewed.map(() => uuidv7()),
      idsOf(reviewed),
      reviewed.map(({ decision }) => decision.action),
      reviewed.map(({ memory }) => memory.reviewAt),
      reviewed.map(({ memory }) => memory.confidence),
      reviewed.map(({ memory, decision }) =>
        decision.action === "downgraded" ? decision.confidence : memory.confidence,
      ),
      reviewed.map(({ decision }) => ("reviewAt" in decision ? decision.reviewAt : null)),
    ],
  });
}

/** A version of its own: what was known before was surer. */
async function downgrade(
  client: pg.PoolClient,
  tenantId: string,
  downgraded: readonly Of<"downgraded">[],
  moment: string,
): Promise<void> {
  if (downgraded.length === 0) return;
  const { rows } = await client.query<{ id: string; valid_to: Date | null }>(
    `select m.id, v.valid_to from memories m ${CURRENT_VERSION}
     where m.tenant_id = $1 and m.id = any ($2::uuid[])`,
    [tenantId, idsOf(downgraded)],
  );
  const validTo = new Map(rows.map((row) => [row.id, row.valid_to ?? undefined]));
  const next = downgraded.map(({ memory: { memoryId }, decision: { confidence } }) => {
    const written = { outcome: "update", extractor: REVIEW, extractionId: undefined, rule: RULE } as const;
    return { ...written, memoryId, confidence, validTo: validTo.get(memoryId) };
  });
  const versions = await writeNextVersions(client, tenantId, next, moment);
  await wakeIngest(
    client,
    tenantId,
    versions.map(({ bucket }) => bucket),
  );
}

async function postpone(
  client: pg.PoolClient,
  tenantId: string,
  reviewed: readonly ReviewedMemory[],
  moment: string,
): Promise<void> {
  const kept = reviewed.flatMap(({ memory: { memoryId }, decision }) =>
    "reviewAt" in decision ? [{ memoryId, reviewAt: decision.reviewAt }] : [],
  );
  await client.query({
    name: "review_again",
    text: `update memories m set review_at = n.review_at, reviewed_at = $2::timestamptz
           from unnest($3::uuid[], $4::timestamptz[]) as n (id, review_at)
           where m.tenant_id = $1 and m.id = n.id`,
    values: [tenantId, moment, kept.map(({ memoryId }) => memoryId), kept.map(({ reviewAt }) => reviewAt)],
  });
}

/**
 * As what has expired: it may be learnt again. Of a summary what it tells goes too.
 *
 * @returns all that went.
 */
async function remove(
  client: pg.PoolClient,
  tenantId: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const { rows } = await client.query<{ bucket: number }>(
    "select distinct bucket from memories where tenant_id = $1 and id = any ($2::uuid[])",
    [tenantId, ids],
  );
  const removed = await dropMemories(client, tenantId, await withEpisodes(client, tenantId, ids));
  await wakeIngest(
    client,
    tenantId,
    rows.map(({ bucket }) => bucket),
  );
  return removed;
}

/** In the write's own transaction. */
async function audit(
  client: pg.PoolClient,
  tenantId: string,
  projectId: string,
  action: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  const resources = ids.map((id) => ({ type: "memory", id }) as const);
  await client.query(
    insertEvents(tenantId, [eventOfService({ service: "ageing", action, projectId, resources })]),
  );
}
