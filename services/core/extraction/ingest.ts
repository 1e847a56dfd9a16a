import { DEFAULT_WHEN_SPENT, isBudgetExceeded } from "../cost/budget.ts";
import type { Settings } from "../tenancy/settings.ts";
import { setAsideWaiting } from "./bulk/set-aside.ts";
import { decideStreams } from "./decide-streams.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { IngestTarget, StreamBatch } from "./ingest-store.ts";
import { type DropListener, type Outcome, sum, Tally, type TallyOptions } from "./ingest-tally.ts";
import { type ReadableBatch, readStream, type StreamReading } from "./read-stream.ts";
import { trimBatch } from "./trim-batch.ts";
import { type EachOptions, type SlowReading, workEach } from "./work-each.ts";

export interface IngestOptions extends TallyOptions {
  /** Messages a call, over all streams. */
  readonly limit: number;
}

export interface IngestBatchOptions extends IngestOptions, Omit<EachOptions, "concurrency"> {
  /** Streams that somebody else is trying again, or still reads. */
  readonly exclude: readonly string[];
}

/** Ids and counts only, but for the outage: where it let nothing be done, it is thrown. */
export interface IngestReport extends Outcome {
  /** Streams that had their turn and more than one try takes on, where there is such a limit. */
  readonly trimmed?: readonly string[];
  /** Readings that go on, where `quietMs` says how long they are waited for. */
  readonly slow?: readonly SlowReading[];
  /** True when more may be waiting; only a call that finds nothing can tell that nothing is. */
  readonly more: boolean;
}

/**
 * Works the next messages of a target: reads statements out of them, embeds, reconciles with what is known and
 * applies it, in one transaction for all, or where a model reads in one a person. Repeating it changes nothing. A
 * fault that names no stream makes every stream of its transaction a failed one: tried alone, only the culprit
 * fails again.
 *
 * @throws MnemeError when an engine or the model's server is away and nothing could be done: no try was
 *   counted and nothing was changed then.
 */
export async function ingestBatch(
  deps: IngestDeps,
  target: IngestTarget,
  options: IngestBatchOptions,
): Promise<IngestReport> {
  const { tenantId } = target;
  const batches = await deps.store.load(target, options, options.signal);
  return workBatches(deps, tenantId, batches, options);
}

/**
 * Works the next messages of one stream that failed before.
 *
 * @throws MnemeError when an engine or the model's server is away: the try was not counted then.
 */
export async function ingestStream(
  deps: IngestDeps,
  tenantId: string,
  streamId: string,
  options: IngestOptions,
): Promise<IngestReport> {
  const batch = await deps.store.loadStream(tenantId, streamId, options.limit, options.signal);
  return workBatches(deps, tenantId, batch ? [batch] : [], options);
}

async function workBatches(
  deps: IngestDeps,
  tenantId: string,
  loaded: readonly StreamBatch[],
  options: WorkOptions,
): Promise<IngestReport> {
  const whole = await Promise.all(loaded.map((batch) => readable(deps, tenantId, batch)));
  const ready = await setAsideWaiting(deps.store, tenantId, whole, options.signal);
  const all = ready.map(trimmed);
  const [toRead, finished] = byNeed(all);
  const together: Outcome[] = [];
  for (const [name, some] of Map.groupBy(finished, embedderNamed))
    together.push(await workTogether(through(deps, name), tenantId, some, options));
  const concurrency = Math.max(
    1,
    ...toRead.map(({ extractor, reconciler }) => extractor.concurrency ?? reconciler?.concurrency ?? 1),
  );
  const byBatch = new Map(toRead.map((one) => [one.batch, one]));
  const each = await workEach([...byBatch.keys()], { ...options, concurrency }, (batch) => {
    const one = byBatch.get(batch) as ReadableBatch;
    return workAlone(through(deps, embedderNamed(one)), tenantId, one, options);
  });
  const outcome = sum([...together, ...each.ended]);
  const { worked, failed, outage } = outcome;
  if (outage && worked.length + failed.length + each.slow.length === 0) throw outage.error;
  const begun = new Set([...finished.map(({ batch }) => batch.streamId), ...each.begun]);
  const cut = all.filter(({ batch }, i) => batch !== ready[i]?.batch && begun.has(batch.streamId));
  return {
    ...outcome,
    ...(all.some(({ extractor }) => extractor.most) && { trimmed: cut.map(({ batch }) => batch.streamId) }),
    ...(each.slow.length > 0 && { slow: each.slow }),
    // A batch shares its limit out among its streams, so it may be short and leave work behind.
    more: loaded.length > 0,
  };
}

type WorkOptions = IngestOptions & Omit<EachOptions, "concurrency">;

function embedderNamed({ settings }: ReadableBatch): string | undefined {
  return settings.models?.embedder;
}

/** With the project's embedder: vectors of two models are never compared. */
export function through(deps: IngestDeps, name: string | undefined): IngestDeps {
  return deps.viewFor ? { ...deps, ...deps.viewFor(name) } : deps;
}

/** With what holds for its project. */
export async function readable(
  deps: IngestDeps,
  tenantId: string,
  batch: StreamBatch,
): Promise<ReadableBatch> {
  const settings = await deps.settings.of(tenantId, batch.projectId);
  const extractor = deps.extractorFor?.(settings) ?? deps.extractor;
  return { batch, settings, extractor, reconciler: deps.reconcilerFor?.(settings) };
}

function trimmed(one: ReadableBatch): ReadableBatch {
  const { most } = one.extractor;
  return most ? { ...one, batch: trimBatch(one.batch, most) } : one;
}

/** Those that a model must read, and those that rules read or nobody has to: finished statements, as imports bring them. */
function byNeed(batches: readonly ReadableBatch[]): [ReadableBatch[], ReadableBatch[]] {
  const waits = ({ batch: { pending }, extractor, reconciler }: ReadableBatch) =>
    (extractor.concurrency !== undefined || reconciler !== undefined) &&
    pending.some(({ draft }) => draft === undefined);
  return [batches.filter(waits), batches.filter((one) => !waits(one))];
}

/** One transaction for all: cheapest where reading takes no time. */
async function workTogether(
  deps: IngestDeps,
  tenantId: string,
  batches: readonly ReadableBatch[],
  options: WorkOptions,
): Promise<Outcome> {
  const { signal } = options;
  const tally = new Tally(deps.store, tenantId, options);
  const readings: StreamReading[] = [];
  const failures: { readonly batch: StreamBatch; readonly error: unknown }[] = [];
  for (const one of batches) {
    signal?.throwIfAborted();
    try {
      readings.push(await readStream(deps, tenantId, one, signal));
    } catch (error) {
      failures.push({ batch: one.batch, error });
    }
  }
  try {
    if (readings.length > 0) await applyAll(deps, tenantId, readings, options);
    tally.worked(readings.map(({ batch }) => batch));
  } catch (error) {
    failures.push(...readings.map(({ batch }) => ({ batch, error })));
  }
  for (const { batch, error } of failures) await tally.failed(batch, error);
  return tally.outcome;
}

/** One person in a transaction of their own. */
async function workAlone(
  deps: IngestDeps,
  tenantId: string,
  one: ReadableBatch,
  options: WorkOptions,
): Promise<Outcome> {
  const { signal } = options;
  signal?.throwIfAborted();
  const tally = new Tally(deps.store, tenantId, options);
  try {
    await applyAll(deps, tenantId, [await readStream(deps, tenantId, one, signal)], options);
    tally.worked([one.batch]);
  } catch (error) {
    const byRules = isBudgetExceeded(error) ? withoutModel(deps, one) : undefined;
    if (byRules) return workAlone(deps, tenantId, byRules, options);
    await tally.failed(one.batch, error);
  }
  return tally.outcome;
}

/** As rules read it, where the project wants that once its budget is spent. */
function withoutModel({ extractorFor }: IngestDeps, one: ReadableBatch): ReadableBatch | undefined {
  const { settings, extractor } = one;
  if ((settings.budget?.whenSpent ?? DEFAULT_WHEN_SPENT) !== "embedded") return undefined;
  const byRules: Settings = { ...settings, models: { ...settings.models, extractor: "embedded" } };
  const rules = extractorFor?.(byRules) ?? extractor;
  // Whatever else is held to the budget then has nothing left to fall back to.
  return rules === extractor ? undefined : { ...one, settings: byRules, extractor: rules };
}

/** Reads one person's messages and keeps what they say. @throws MnemeError whatever that fails with. */
export async function workReadable(
  deps: IngestDeps,
  tenantId: string,
  one: ReadableBatch,
  options: Pick<TallyOptions, "signal"> & DropListener,
): Promise<void> {
  const ofProject = through(deps, embedderNamed(one));
  await applyAll(ofProject, tenantId, [await readStream(ofProject, tenantId, one, options.signal)], options);
}

/** Decided anew so often where somebody changes by hand what it was decided by; it takes milliseconds. */
const MOST_TRIES = 5;

async function applyAll(
  deps: IngestDeps,
  tenantId: string,
  readings: readonly StreamReading[],
  { signal, onSensitive, onLeftOut }: Pick<TallyOptions, "signal"> & DropListener,
): Promise<void> {
  let left = readings;
  for (let tries = 0; left.length > 0; tries += 1) {
    if (tries === MOST_TRIES) throw new Error("what is known changes faster than it is decided about");
    const results = await decideStreams(deps, tenantId, left, signal);
    const changed = await deps.store.apply(tenantId, results, signal);
    const applied = results.filter(({ batch }) => !changed.has(batch.streamId));
    for (const decision of applied.flatMap(({ decisions }) => decisions)) {
      if (decision.outcome !== "drop") continue;
      if (decision.sensitive) onSensitive?.(decision.sensitive);
      if (decision.category) onLeftOut?.(decision.category);
    }
    left = left.filter(({ batch }) => changed.has(batch.streamId));
  }
}
