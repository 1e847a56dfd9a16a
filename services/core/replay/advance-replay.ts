import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { MnemeError } from "../errors.ts";
import { failureReason } from "../extraction/failure-reason.ts";
import { isOutage } from "../extraction/outage.ts";
import { promoteStream } from "./promote-stream.ts";
import type { ReplayPlan } from "./replay.ts";
import { type ReplayDeps, replayStream, type StreamOutcome } from "./replay-stream.ts";
import { spentBudgetOf } from "./wait-for-budget.ts";

export interface AdvanceOptions {
  readonly signal?: AbortSignal | undefined;
  /** After so long, in milliseconds, nothing more is begun. */
  readonly forMs: number;
  /** What is away has been waited for long enough: what is left is given up, and its owner is told why. */
  readonly isLastTry?: boolean | undefined;
  /** Told of an error that counts against the replay: nobody else hears of it. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Counts only: this stands in workflow histories. */
export interface Advance {
  /** `over`: nothing is left to be done until somebody asks for more. */
  readonly next: "again" | "over";
  /** How long to wait before, in milliseconds. */
  readonly waitMs: number;
  /** Streams that came to their end. */
  readonly streams: number;
}

const STREAMS_AT_ONCE = 64;
const ROWS_AT_ONCE = 2_000;
/** A budget may be raised meanwhile. */
const BUDGET_LOOK_MS = 30_000;
const SLOW_DOWN_MS = 5_000;
const INDEX_WAIT_MS = 10_000;
const INDEX_LOOK_MS = 100;
const OVER: Advance = { next: "over", waitMs: 0, streams: 0 };

/**
 * Takes a replay a step on: chooses its streams, reads some of them, promotes some, or removes what is left of it. Each may
 * be repeated, and whatever was done stays done.
 *
 * @throws MnemeError while an engine or a model's server is away.
 */
export async function advanceReplay(
  deps: ReplayDeps,
  { tenantId, replayId }: { readonly tenantId: string; readonly replayId: string },
  options: AdvanceOptions,
): Promise<Advance> {
  const plan = await deps.work.plan(tenantId, replayId, options.signal);
  try {
    return await advance(deps, plan, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!plan || !mayFail(plan) || isOfRecord(error)) throw error;
    return fail(deps, plan, error, options);
  }
}

/** What has ended for whoever started it can't fail any more: removing what is left of it is tried on and on. */
function mayFail({ state }: ReplayPlan): boolean {
  return state === "queued" || state === "running" || state === "waiting" || state === "promoting";
}

/** What no stream is to blame for. What is away is waited for, then given up; anything else fails the replay in the end. */
async function fail(
  { work }: ReplayDeps,
  plan: ReplayPlan,
  error: unknown,
  { signal, isLastTry, onFault }: AdvanceOptions,
): Promise<Advance> {
  const reason = failureReason(error);
  if (isOutage(error)) {
    if (!isLastTry) throw error;
    // No stream may be chosen yet.
    if (plan.state === "queued") await work.failWhole(plan, { reason, isFinal: true }, signal);
    else await work.giveUp(plan, reason, signal);
    return { next: "again", waitMs: 0, streams: 0 };
  }
  onFault?.(error);
  await work.failWhole(plan, { reason, isFinal: isFinal(error) }, signal);
  return { next: "again", waitMs: SLOW_DOWN_MS, streams: 0 };
}

/** While the record is away, nothing can be given up. */
function isOfRecord(error: unknown): boolean {
  return error instanceof MnemeError && error.metadata.dependency === "postgres";
}

async function advance(
  deps: ReplayDeps,
  plan: ReplayPlan | undefined,
  options: AdvanceOptions,
): Promise<Advance> {
  switch (plan?.state) {
    case "queued":
      return chooseSome(deps, plan, options);
    case "running":
    case "waiting":
      return readSome(deps, plan, options);
    case "promoting":
      return promoteSome(deps, plan, options);
    case "cancelled":
    case "discarded":
      return clearSome(deps, plan, options);
    case "promoted":
      // Shadows of streams that failed; all of it once its time is over.
      return clearSome(deps, plan, options);
    default:
      return OVER;
  }
}

async function chooseSome(
  { work }: ReplayDeps,
  plan: ReplayPlan,
  { signal, forMs }: AdvanceOptions,
): Promise<Advance> {
  const end = performance.now() + forMs;
  while (await work.choose(plan, signal)) {
    signal?.throwIfAborted();
    if (performance.now() >= end) break;
  }
  return { next: "again", waitMs: 0, streams: 0 };
}

async function readSome(deps: ReplayDeps, plan: ReplayPlan, options: AdvanceOptions): Promise<Advance> {
  const { work } = deps;
  const ids = await work.waiting(plan, STREAMS_AT_ONCE, options.signal);
  if (ids.length === 0) {
    await work.settle(plan, { to: "ready" }, options.signal);
    return OVER;
  }
  const { ended, pause } = await eachStream(deps, plan, ids, options, (id, read) =>
    replayStream(deps, plan, id, read),
  );
  if (pause?.isBudget) {
    const waitingUntil = new Date(Date.now() + pause.ms);
    await work.settle(plan, { to: "waiting", waitingUntil }, options.signal);
    return { next: "again", waitMs: BUDGET_LOOK_MS, streams: ended };
  }
  await work.settle(plan, { to: "running" }, options.signal);
  return { next: "again", waitMs: pause?.ms ?? 0, streams: ended };
}

async function clearSome(
  { work }: ReplayDeps,
  plan: ReplayPlan,
  { signal }: AdvanceOptions,
): Promise<Advance> {
  const isMore = await work.clear(plan, ROWS_AT_ONCE, signal);
  return isMore ? { next: "again", waitMs: 0, streams: 0 } : OVER;
}

async function promoteSome(deps: ReplayDeps, plan: ReplayPlan, options: AdvanceOptions): Promise<Advance> {
  const { work } = deps;
  const ids = await work.promotable(plan, STREAMS_AT_ONCE, options.signal);
  if (ids.length === 0) {
    await untilFound(deps, plan, options.signal);
    await work.settle(plan, { to: "promoted" }, options.signal);
    return { next: "again", waitMs: 0, streams: 0 };
  }
  const { ended, pause } = await eachStream(deps, plan, ids, options, (id, read) =>
    promoteStream(deps, plan, id, read),
  );
  await work.settle(plan, { to: "promoting" }, options.signal);
  const waitMs = pause?.isBudget ? BUDGET_LOOK_MS : (pause?.ms ?? 0);
  return { next: "again", waitMs, streams: ended };
}

/** Who reads that it is promoted finds what was, unless the index is far behind. */
async function untilFound(
  { work, freshness }: ReplayDeps,
  plan: ReplayPlan,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!freshness) return;
  const { revision, buckets } = await work.written(plan, signal);
  const written = { type: "revision", revision: BigInt(revision), buckets } as const;
  const end = performance.now() + INDEX_WAIT_MS;
  while (performance.now() < end && !(await freshness.isSearchable(plan, written, signal))) {
    await sleep(INDEX_LOOK_MS, undefined, { signal });
  }
}

interface Pause {
  readonly isBudget: boolean;
  readonly ms: number;
}

type StreamWork = (
  streamId: string,
  options: { readonly signal: AbortSignal | undefined; readonly mayGoOn: () => boolean },
) => Promise<StreamOutcome>;

/** Beside each other as far as a model is waited for. One that fails is counted, and the others go on. */
async function eachStream(
  deps: ReplayDeps,
  plan: ReplayPlan,
  ids: readonly string[],
  { signal, forMs }: AdvanceOptions,
  work: StreamWork,
): Promise<{ readonly ended: number; readonly pause: Pause | undefined }> {
  const end = performance.now() + forMs;
  let pause: Pause | undefined;
  let outage: { readonly error: unknown } | undefined;
  let failed = 0;
  const mayGoOn = () => !pause && !outage && performance.now() < end;
  const inTurn = pLimit(deps.ingest.concurrency ?? 1);
  const one = async (id: string, place: number): Promise<StreamOutcome> => {
    signal?.throwIfAborted();
    // The first always begins, so that every step gets somewhere.
    if (place > 0 && !mayGoOn()) return "begun";
    try {
      return await work(id, { signal, mayGoOn });
    } catch (error) {
      signal?.throwIfAborted();
      if (isOutage(error)) outage ??= { error };
      else {
        const found = pauseOf(error);
        if (found) pause ??= found;
        else {
          failed += 1;
          await deps.work.fail(plan, id, { reason: failureReason(error), isFinal: isFinal(error) }, signal);
        }
      }
      return "begun";
    }
  };
  const results = await Promise.all(ids.map((id, place) => inTurn(one, id, place)));
  const ended = results.filter((outcome) => outcome === "ended").length;
  if (outage && ended === 0) throw outage.error;
  const isStuck = ended === 0 && failed > 0;
  return { ended, pause: pause ?? (isStuck ? { isBudget: false, ms: SLOW_DOWN_MS } : undefined) };
}

/** What is waited for, and says nothing about the stream. */
function pauseOf(error: unknown): Pause | undefined {
  const spent = spentBudgetOf(error);
  if (spent) return { isBudget: true, ms: spent.retryAfterMs ?? BUDGET_LOOK_MS };
  if (error instanceof MnemeError && error.reason === "MODEL_RATE_LIMITED")
    return { isBudget: false, ms: error.retryAfterMs ?? SLOW_DOWN_MS };
  return undefined;
}

/** The same messages would fail again. */
function isFinal(error: unknown): boolean {
  return (
    error instanceof MnemeError && (error.kind === "invalid_argument" || error.kind === "failed_precondition")
  );
}
