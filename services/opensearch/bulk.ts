import { type EngineError, engineErrorType, type IndexClient, pause, unavailable } from "./client.ts";

/** One line pair of a `_bulk` body. */
export interface BulkItem {
  readonly action: "index" | "delete";
  readonly id: string;
  readonly routing: string;
  /** External version: an item is ignored unless it is newer than what is stored or was deleted. */
  readonly revision: number;
  /** Also as new is taken: a copy is, where its document went with a move and the engine remembers its version. */
  readonly isCopy?: boolean;
  /** One line of JSON; absent for a delete. */
  readonly json?: string;
}

export interface BulkFailure {
  readonly item: BulkItem;
  readonly type: string;
  readonly retryable: boolean;
}

export interface BulkLimits {
  readonly maxItems: number;
  readonly maxBytes: number;
  /** Tries of an item that the engine is too busy for. */
  readonly tries: number;
  readonly backoffMs: number;
}

/** Five megabytes keep a chunk well under the engine's 100 and a second of work on a small node. */
export const BULK_LIMITS: BulkLimits = { maxItems: 1_000, maxBytes: 5_000_000, tries: 3, backoffMs: 200 };

/**
 * Sends items in chunks to one write alias. Version conflicts are successes (what is stored is as new or
 * newer), and so is a delete of what is not there.
 * @returns the items that failed, named by the engine's error type.
 * @throws MnemeError where a whole chunk was refused.
 */
export async function bulk(
  client: IndexClient,
  alias: string,
  items: readonly BulkItem[],
  signal?: AbortSignal,
  limits: BulkLimits = BULK_LIMITS,
): Promise<BulkFailure[]> {
  const failures: BulkFailure[] = [];
  for (const chunk of chunks(items, limits)) {
    failures.push(...(await sendWithRetries(client, alias, chunk, limits, signal)));
  }
  return failures;
}

async function sendWithRetries(
  client: IndexClient,
  alias: string,
  chunk: readonly BulkItem[],
  limits: BulkLimits,
  signal?: AbortSignal,
): Promise<BulkFailure[]> {
  const permanent: BulkFailure[] = [];
  let waiting = chunk;
  for (let attempt = 1; ; attempt++) {
    const failures = await sendChunk(client, alias, waiting, signal);
    permanent.push(...failures.filter((failure) => !failure.retryable));
    const busy = failures.filter((failure) => failure.retryable);
    if (busy.length === 0 || attempt === limits.tries) return [...permanent, ...busy];
    waiting = busy.map((failure) => failure.item);
    await pause(limits.backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random()), signal);
  }
}

interface BulkAnswer extends EngineError {
  readonly errors?: boolean;
  readonly items?: readonly Readonly<Record<string, BulkAnswerItem>>[];
}
interface BulkAnswerItem {
  readonly status: number;
  readonly error?: { readonly type?: string };
}

async function sendChunk(
  client: IndexClient,
  alias: string,
  chunk: readonly BulkItem[],
  signal?: AbortSignal,
): Promise<BulkFailure[]> {
  const answer = await client.send<BulkAnswer>({
    method: "POST",
    path: `/${alias}/_bulk`,
    // `errors` first and alone where all is well; reasons, which may quote a document, never leave the engine.
    query: { require_alias: true, filter_path: "errors,error.type,items.*.status,items.*.error.type" },
    lines: chunk.map(lines).join(""),
    timeoutMs: 60_000,
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
  if (answer.body.errors !== true) return [];
  return chunk.flatMap((item, position) => {
    const outcome = Object.values(answer.body.items?.[position] ?? {})[0];
    return outcome === undefined ? [] : failureOf(item, outcome);
  });
}

function failureOf(item: BulkItem, outcome: BulkAnswerItem): BulkFailure[] {
  const { status } = outcome;
  if (outcome.error === undefined) return [];
  const type = outcome.error.type ?? "unknown";
  if (type === "version_conflict_engine_exception") return [];
  return [{ item, type, retryable: status === 429 || status >= 500 }];
}

function lines(item: BulkItem): string {
  const head = {
    _id: item.id,
    routing: item.routing,
    version: item.revision,
    version_type: item.isCopy ? "external_gte" : "external",
  };
  const action = `${JSON.stringify({ [item.action]: head })}\n`;
  return item.json === undefined ? action : `${action}${item.json}\n`;
}

function* chunks(items: readonly BulkItem[], limits: BulkLimits): Generator<BulkItem[]> {
  let chunk: BulkItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = (item.json?.length ?? 0) + 150;
    if (chunk.length > 0 && (chunk.length === limits.maxItems || bytes + size > limits.maxBytes)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}
