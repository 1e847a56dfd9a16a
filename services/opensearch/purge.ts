import { MnemeError } from "@mneme/core/errors.ts";
import { type EngineError, engineErrorType, type IndexClient, pause, unavailable } from "./client.ts";

export interface PurgeOptions {
  /** Deadline of the whole purge, milliseconds; 10 minutes unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

interface ShardStats {
  readonly seq_no: { readonly max_seq_no: number };
  readonly retention_leases: { readonly leases: readonly { readonly retaining_seq_no: number }[] };
}
interface StatsAnswer extends EngineError {
  readonly indices?: Readonly<
    Record<string, { readonly shards: Readonly<Record<string, readonly ShardStats[]>> }>
  >;
}

/**
 * Makes everything deleted so far leave the disk as well, not only the searches. Several deletions share
 * one purge. A merge keeps deleted documents that a shard's copies could still ask for, so the leases of
 * the copies must have passed the deletes before a merge can drop them. The engine renews them every 30 s.
 * @throws MnemeError `deadline_exceeded` where the leases stay behind, e.g. of a copy that is away.
 */
export async function purgeDeleted(client: IndexClient, index: string, options: PurgeOptions = {}) {
  const { timeoutMs = 600_000, signal } = options;
  const deadline = performance.now() + timeoutMs;
  await post(client, `/${index}/_flush`, { force: true, wait_if_ongoing: true }, timeoutMs, signal);
  const deletes = await newestOperations(client, index, signal);
  while (!(await leasesPassed(client, index, deletes, signal))) {
    if (performance.now() > deadline) throw behind(index);
    await pause(250, signal);
  }
  const left = () => Math.max(1, deadline - performance.now());
  await post(client, `/${index}/_forcemerge`, { only_expunge_deletes: true }, left(), signal);
  // The new commit is what lets the old segments' files go.
  await post(client, `/${index}/_flush`, { force: true, wait_if_ongoing: true }, left(), signal);
}

/** The newest operation of each shard, by shard. */
async function newestOperations(client: IndexClient, index: string, signal?: AbortSignal) {
  const shards = await shardStats(client, index, signal);
  return new Map(
    shards.map(([shard, copies]) => [shard, Math.max(...copies.map((each) => each.seq_no.max_seq_no))]),
  );
}

async function leasesPassed(
  client: IndexClient,
  index: string,
  operations: ReadonlyMap<string, number>,
  signal?: AbortSignal,
) {
  const shards = await shardStats(client, index, signal);
  return shards.every(([shard, copies]) =>
    copies.every((copy) =>
      copy.retention_leases.leases.every((each) => each.retaining_seq_no > (operations.get(shard) ?? -1)),
    ),
  );
}

async function shardStats(client: IndexClient, index: string, signal?: AbortSignal) {
  const fields = ["seq_no.max_seq_no", "retention_leases.leases.retaining_seq_no"];
  const answer = await client.send<StatsAnswer>({
    method: "GET",
    path: `/${index}/_stats`,
    query: { level: "shards", filter_path: fields.map((each) => `indices.*.shards.*.${each}`).join() },
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
  return Object.entries(answer.body.indices?.[index]?.shards ?? {});
}

async function post(
  client: IndexClient,
  path: string,
  query: Readonly<Record<string, boolean>>,
  timeoutMs: number,
  signal?: AbortSignal,
) {
  const answer = await client.send<EngineError>({ method: "POST", path, query, timeoutMs, signal });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}

function behind(index: string): MnemeError {
  return new MnemeError(
    "deadline_exceeded",
    "DEPENDENCY_UNAVAILABLE",
    "a copy of a shard has not caught up",
    {
      metadata: { dependency: "opensearch", index },
    },
  );
}
