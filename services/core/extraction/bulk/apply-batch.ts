import pLimit from "p-limit";
import type { BatchCall } from "../../cost/model-spending.ts";
import { NO_TOKENS } from "../../cost/token-counts.ts";
import { MnemeError } from "../../errors.ts";
import type { ExtractionInput, Extractor } from "../extractor.ts";
import { workReadable } from "../ingest.ts";
import type { StreamBatch } from "../ingest-store.ts";
import type { DropListener, TallyOptions } from "../ingest-tally.ts";
import { isOutage } from "../outage.ts";
import type { ReadableBatch } from "../read-stream.ts";
import { type BatchId, type BulkDeps, readingOf, serverOf } from "./bulk-deps.ts";
import type { BulkAnswer } from "./bulk-reader.ts";
import type { BatchRequest, ModelBatch } from "./bulk-store.ts";
import { customId } from "./custom-id.ts";

export interface ApplyOptions extends Pick<TallyOptions, "signal">, DropListener {
  /** Told of each person whose answers could not be kept: ingest reads their messages by calls of its own. */
  readonly onFailure?: (streamId: string, error: unknown) => void;
}

/** Counts only. */
export interface AppliedBatch {
  /** Requests whose answer says what is kept now. */
  readonly answered: number;
  /** Requests that had none that could be used. */
  readonly unanswered: number;
}

/** People whose answers are kept beside each other. */
const AT_ONCE = 4;

/**
 * Keeps what a batch that has ended was answered, each person's messages in their order, and has them go on. What has
 * no answer that can be used is read by a call of its own where later messages of the same person have one, and else by
 * ingest; of a batch that was cut it waits for the next one. Repeating it changes nothing: what is kept already is not
 * waiting any more.
 *
 * @throws MnemeError when an engine or the model's server is away.
 */
export async function applyBatch(
  deps: BulkDeps,
  { tenantId, batchId }: BatchId,
  options: ApplyOptions = {},
): Promise<AppliedBatch> {
  const batch = await deps.batches.get(tenantId, batchId);
  if (batch?.state !== "sent") return { answered: 0, unanswered: 0 };
  const reading = await readingOf(deps, tenantId, batch);
  const requests = await deps.batches.requests(tenantId, batchId);
  const answers = byNumber(batch, requests, await answersTo(deps, batch, options.signal));
  await settle(deps, tenantId, batch, requests, answers);
  const inTurn = pLimit(AT_ONCE);
  const streams = [...Map.groupBy(requests, ({ streamId }) => streamId)];
  const work = { deps, tenantId, batch, reading, answers, options };
  const counts = await Promise.all(streams.map(([, ofStream]) => inTurn(applyStream, work, ofStream)));
  const answered = counts.reduce((sum, count) => sum + count, 0);
  return { answered, unanswered: requests.length - answered };
}

/** None where the server has them no longer, or is not ours any more. */
async function answersTo(
  deps: BulkDeps,
  batch: ModelBatch,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, BulkAnswer>> {
  const server = serverOf(deps, batch);
  if (!server || batch.providerId === undefined) return new Map();
  try {
    return await server.answers(batch.providerId, signal);
  } catch (error) {
    if (error instanceof MnemeError && error.kind === "failed_precondition") return new Map();
    throw error;
  }
}

/** Answers by their requests' numbers: only those that are about the very same messages. */
function byNumber(
  { id: batchId, model, extractorVersion }: ModelBatch,
  requests: readonly BatchRequest[],
  answers: ReadonlyMap<string, BulkAnswer>,
): ReadonlyMap<number, BulkAnswer> {
  if (model === undefined || extractorVersion === undefined) return new Map();
  const asked = { batchId, model, extractorVersion };
  return new Map(
    requests.flatMap((request) => {
      const answer = answers.get(customId(asked, request));
      return answer ? [[request.number, answer] as const] : [];
    }),
  );
}

/** Before anything is kept: whatever becomes of the answers, they were paid for. */
async function settle(
  { ingest }: BulkDeps,
  tenantId: string,
  { id, projectId, model, sendingAt }: ModelBatch,
  requests: readonly BatchRequest[],
  answers: ReadonlyMap<number, BulkAnswer>,
): Promise<void> {
  if (!sendingAt || model === undefined) return;
  const took = requests.flatMap(({ number, apiKeyId }): BatchCall[] => {
    const answer = answers.get(number);
    const shares = [{ projectId, apiKeyId, text: "" }];
    return answer
      ? [{ bill: { tenantId, model, purpose: "extract_batch", shares }, tokens: answer.used ?? NO_TOKENS }]
      : [];
  });
  await ingest.spending?.batches?.settle({ id, tenantId, projectId, at: sendingAt }, took);
}

interface Applying {
  readonly deps: BulkDeps;
  readonly tenantId: string;
  readonly batch: ModelBatch;
  readonly reading: Omit<ReadableBatch, "batch">;
  readonly answers: ReadonlyMap<number, BulkAnswer>;
  readonly options: ApplyOptions;
}

/** One person's answers, in order. @returns how many could be used. */
async function applyStream(applying: Applying, requests: readonly BatchRequest[]): Promise<number> {
  const { deps, tenantId, batch, answers, options } = applying;
  const last = requests.findLastIndex(({ number }) => answers.has(number));
  const streamIds = requests.slice(0, 1).map(({ streamId }) => streamId);
  let answered = 0;
  let isInTurn = true;
  try {
    for (const request of requests.slice(0, last + 1)) {
      options.signal?.throwIfAborted();
      const became = await applyRequest(applying, request);
      isInTurn = became !== "overtakes";
      if (!isInTurn) break;
      if (became === "answered") answered += 1;
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isOutage(error)) throw error;
    // Tried again by ingest, which counts tries and knows what to do with a spent budget.
    isInTurn = false;
    for (const streamId of streamIds) options.onFailure?.(streamId, error);
  }
  const isWhole = isInTurn && last === requests.length - 1;
  if (isInTurn && !isWhole && batch.isCut) await deps.batches.regather(tenantId, batch.id, streamIds);
  await deps.batches.release(tenantId, batch.id, streamIds, isWhole ? undefined : "unanswered");
  return answered;
}

/**
 * @returns `answered` where its answer could be used; `unanswered` where it was read by a call of its own; `overtakes`
 *   where earlier messages of the person wait, and nothing was done.
 */
async function applyRequest(
  applying: Applying,
  request: BatchRequest,
): Promise<"answered" | "unanswered" | "overtakes"> {
  const { deps, tenantId, batch, reading, answers, options } = applying;
  const waiting = await deps.ingest.store.loadRequest(tenantId, request, options.signal);
  const answer = answers.get(request.number);
  if (waiting === "overtakes") return "overtakes";
  if (waiting === "over") return answer ? "answered" : "unanswered";
  const given = answer && waiting.isWhole && givenExtractor(reading.extractor, batch, answer);
  const work = (extractor: Extractor, read: StreamBatch) =>
    workReadable(deps.ingest, tenantId, { ...reading, extractor, batch: read }, options);
  try {
    if (given) {
      // What it says, it was told then.
      const { loadedAt } = waiting.batch;
      await work(given, { ...waiting.batch, loadedAt: batch.sendingAt ?? loadedAt });
      return "answered";
    }
  } catch (error) {
    if (!(error instanceof UnusableAnswer)) throw error;
  }
  await work(reading.extractor, waiting.batch);
  return "unanswered";
}

class UnusableAnswer extends Error {}

/** Reads as the answer says, and says what answered. */
function givenExtractor(
  extractor: Extractor,
  { model, extractorVersion }: ModelBatch,
  answer: BulkAnswer,
): Extractor {
  return {
    ...extractor,
    name: model ?? extractor.name,
    version: extractorVersion ?? extractor.version,
    readsNearest: false,
    async extract(input: ExtractionInput) {
      const output = await extractor.bulk?.read(input, answer);
      if (!output) throw new UnusableAnswer("the answer can't be used");
      return output;
    },
  };
}
