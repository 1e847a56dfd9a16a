import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { notTheDefaultProject, teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { Scope, ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { withEpisodes } from "./consolidation/resting.ts";
import { type Database, type TenantTransaction, transact } from "./database.ts";
import { refuseFencedScope } from "./fence.ts";
import { claimRequest, recordResult, requestMac } from "./idempotency.ts";
import {
  type Expected,
  isWritable,
  type LockedMemory,
  lockMemories,
  requireMemories,
} from "./locked-memories.ts";
import { removeMemories } from "./memory-removal.ts";
import { readerInside } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { lookUpScope } from "./scope-lookup.ts";
import { mayWriteTeam } from "./scopes.ts";
import { dropWaiting } from "./waiting-extractions.ts";
import { wakeIngest } from "./wake-ingest.ts";

/** Behind every id: a condition that may be absent could not be an index's bound. */
const LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff";
/** Memories that one transaction of a `deleteAll` removes. */
const STEP = 500;

/**
 * Removes memories inside a write's transaction, all of them. With a summary goes what it tells: who deletes it means that.
 *
 * @throws MnemeError as `requireMemories`.
 */
export async function deleteMemories(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  targets: readonly Expected[],
): Promise<number> {
  const { memories } = await requireMemories(transaction.client, tenancy, targets);
  return await remove(transaction, tenancy, [...memories.values()]);
}

/**
 * @param within leaves in what of the episodes that their summaries tell goes along; all if undefined.
 * @returns how many of these memories went.
 */
async function remove(
  { client }: TenantTransaction,
  tenancy: Tenancy,
  memories: readonly LockedMemory[],
  within: (ids: readonly string[]) => Promise<readonly string[]> = async (ids) => ids,
): Promise<number> {
  const { tenantId } = tenancy;
  const asked = memories.map(({ id }) => id);
  const told = (await withEpisodes(client, tenantId, asked)).slice(asked.length);
  const all = [...asked, ...(told.length > 0 ? await within(told) : [])];
  if (all.length > asked.length) await lockMemories(client, tenancy, all);
  const removed = new Set(await removeMemories(client, tenantId, all));
  await wakeIngest(
    client,
    tenantId,
    memories.map(({ bucket }) => bucket),
  );
  return asked.filter((id) => removed.has(id)).length;
}

/** How far a `deleteAll` has come; kept with its request id. */
interface Progress {
  /** What was written after the first call is not part of it. Text, because a Date has no microseconds. */
  readonly before: string;
  /** The last id that was looked at; newest first. */
  readonly after: string | null;
  readonly deleted: number;
  readonly done: boolean;
}

/** See `MemoryStore.deleteAll`. */
export async function deleteAllMemories(
  database: Database,
  tenancy: Tenancy,
  scope: Scope,
  request: WriteRequest,
  signal?: AbortSignal,
): Promise<number> {
  for (;;) {
    const progress = await transact(
      database,
      tenancy,
      (transaction) => deleteStep(transaction, tenancy, scope, request),
      signal,
    );
    if (progress.done) return progress.deleted;
  }
}

async function deleteStep(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  scope: Scope,
  request: WriteRequest,
): Promise<Progress> {
  const { tenantId } = tenancy;
  const claimed = await claimRequest<Progress>(transaction, tenantId, request);
  const begun = claimed ? await lockProgress(transaction, tenantId, request) : undefined;
  if (begun?.done) return begun;
  const found = await lookUpScope(readerInside(transaction, tenancy), scope);
  if (!begun && found) await dropWaiting(transaction, tenancy, found.ids);
  // Behind the streams' locks: what was written while they were waited for is of the time before.
  const progress = begun ?? (await begin(transaction));
  await refuseFencedScope(transaction, tenantId, scope);
  const teamId = found?.ids.teamId;
  if (teamId !== undefined && !(await mayWriteTeam(transaction, teamId))) throw teamReadOnly();
  const home = found?.ids.homeProjectId;
  if (home !== undefined && home !== tenancy.projectId) throw notTheDefaultProject();
  const chosen = found ? await choose(transaction, tenancy, found.ids, progress) : [];
  const { memories, active } = await lockMemories(transaction.client, tenancy, chosen);
  // What somebody else deleted or an erasure took over meanwhile is no business of this one, nor is what a person told
  // to teams that the call may only read.
  const ours = [...memories.values()].filter((memory) => isWritable(memory, active));
  // What a later step takes does not come back for as long; what others told does.
  const inScope = async (ids: readonly string[]) =>
    found ? await ofScope(transaction, tenancy, found.ids, progress.before, ids) : [];
  const next: Progress = {
    before: progress.before,
    after: chosen.at(-1) ?? progress.after,
    deleted: progress.deleted + (await remove(transaction, tenancy, ours, inScope)),
    done: chosen.length < STEP,
  };
  await recordResult(transaction, tenantId, request, next);
  return next;
}

async function begin({ client }: TenantTransaction): Promise<Progress> {
  const { rows } = await client.query<{ before: string }>("select clock_timestamp()::text as before");
  return { before: rows[0]?.before ?? "", after: null, deleted: 0, done: false };
}

/** Two calls with one request id take turns, step by step. */
async function lockProgress(
  transaction: TenantTransaction,
  tenantId: string,
  request: WriteRequest,
): Promise<Progress> {
  const { rows } = await transaction.client.query<{ result: Progress }>(
    `select result from idempotency where tenant_id = $1 and rpc = $2 and request_mac = $3 for update`,
    [tenantId, request.rpc, await requestMac(transaction, request.requestId)],
  );
  const progress = rows[0]?.result;
  if (!progress) throw new Error("a claimed request vanished");
  return progress;
}

/** The next ids, newest first. */
async function choose(
  { client }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  ids: ScopeIds,
  { before, after }: Progress,
): Promise<string[]> {
  const only = scopeFilter(ids, "m", 6);
  const { rows } = await client.query<{ id: string }>({
    name: `delete_all_choose_${only.shape}`,
    text: `select m.id from memories m
           where m.tenant_id = $1 and m.project_id = $2 and m.created_at <= $3::timestamptz
             and m.id < $4::uuid ${only.text}
           order by m.id desc limit $5`,
    values: [tenantId, projectId, before, after ?? LAST, STEP, ...only.values],
  });
  return rows.map(({ id }) => id);
}

/** Those of these memories that a `deleteAll` of a scope takes. */
async function ofScope(
  { client }: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  ids: ScopeIds,
  before: string,
  memoryIds: readonly string[],
): Promise<string[]> {
  const only = scopeFilter(ids, "m", 5);
  const { rows } = await client.query<{ id: string }>({
    name: `delete_all_of_scope_${only.shape}`,
    text: `select m.id from memories m
           where m.tenant_id = $1 and m.project_id = $2 and m.created_at <= $3::timestamptz
             and m.id = any ($4::uuid[]) ${only.text}`,
    values: [tenantId, projectId, before, memoryIds, ...only.values],
  });
  return rows.map(({ id }) => id);
}
