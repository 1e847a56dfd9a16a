import type { Prices } from "../cost/prices.ts";
import { decideStreams } from "../extraction/decide-streams.ts";
import type { DecidingDeps, IngestDeps } from "../extraction/ingest-deps.ts";
import type { StreamBatch, StreamResult } from "../extraction/ingest-store.ts";
import { type ReadableBatch, readStream } from "../extraction/read-stream.ts";
import { trimBatch } from "../extraction/trim-batch.ts";
import type { FreshnessStore } from "../freshness/freshness.ts";
import type { Settings } from "../tenancy/settings.ts";
import { applyToShadow } from "./apply-to-shadow.ts";
import { blankDeleted, countSpans, withoutDeleted } from "./beside-deleted.ts";
import { type ReplayPlan, type ReplaySpent, settingsFor } from "./replay.ts";
import type { OpenedStream, ReplayBatch, ReplayWork, ShadowNotes } from "./replay-work.ts";
import { reportOn } from "./report-on.ts";
import { ShadowStream } from "./shadow-stream.ts";
import { SpendingTally } from "./tally-spending.ts";
import { waitingForBudget } from "./wait-for-budget.ts";

/** What reading again takes: ingest's own extractors, reconcilers and embedder. */
export interface ReplayDeps {
  readonly work: ReplayWork;
  readonly ingest: Pick<
    IngestDeps,
    | "settings"
    | "extractor"
    | "extractorFor"
    | "reconcilerFor"
    | "embedder"
    | "viewFor"
    | "spending"
    | "answers"
    | "concurrency"
  >;
  readonly prices: Prices;
  /** Asked until what was promoted can be found; where there is none, nothing waits for that. */
  readonly freshness?: FreshnessStore | undefined;
}

/** Messages a step: what one step read is kept before the next. */
const MESSAGES = 64;

/**
 * `ended`: it is at its end, or not to be replayed any more; `begun`: there is more to be read; `lost`: what was read last
 * is not kept, as somebody else read it, the person is fenced or words are deleted meanwhile, and the stream is read anew.
 */
export type StreamOutcome = "ended" | "begun" | "lost";

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether another step may begin. */
  readonly mayGoOn: () => boolean;
}

/**
 * Reads one stream's kept messages, oldest first, as ingest would, reconciles them with what the same replay has read, and
 * compares it all with what is known once the end is reached. A stream that was begun goes on where it was.
 *
 * @throws MnemeError as reading does, BUDGET_EXCEEDED and BudgetSpent.
 */
export async function replayStream(
  deps: ReplayDeps,
  plan: ReplayPlan,
  streamId: string,
  { signal, mayGoOn }: ReadOptions,
): Promise<StreamOutcome> {
  const { work } = deps;
  const openedAt = new Date();
  const opened = await work.open(plan, streamId, signal);
  if (!opened) return "ended";
  const reader = new StreamReader(deps, plan, { ...opened, openedAt }, await settingsOf(deps, plan));
  for (;;) {
    const step = await readCounted(reader, work, plan, signal);
    if (step === "end") break;
    if (step === "lost") return "lost";
    if (!mayGoOn()) return "begun";
  }
  const read = { ...opened, through: reader.through };
  const live = await work.live(plan, read, signal);
  await work.finish(plan, read, reportOn(live, reader.shadow.memories, new Date()), signal);
  return "ended";
}

/** What a step took that is not kept was paid for all the same. */
async function readCounted(
  reader: StreamReader,
  work: ReplayWork,
  plan: ReplayPlan,
  signal: AbortSignal | undefined,
): Promise<"kept" | "end" | "lost"> {
  let step: Awaited<ReturnType<StreamReader["read"]>> | undefined;
  try {
    step = await reader.read(signal);
    return step;
  } finally {
    const lost = step === "kept" || step === "end" ? undefined : reader.takeSpent();
    // What went wrong before is to be told; a month's usage has these calls in any case.
    if (lost && lost.calls + lost.knownAnswers > 0) await work.noteSpent(plan, lost).catch(() => undefined);
  }
}

/** The settings that a replay reads by. */
export async function settingsOf(
  { ingest }: ReplayDeps,
  { tenantId, projectId, settings }: ReplayPlan,
): Promise<Settings> {
  return settingsFor(await ingest.settings.of(tenantId, projectId), settings);
}

const NO_NOTES: ShadowNotes = { participants: [], summaries: {} };

class StreamReader {
  readonly shadow: ShadowStream;
  readonly #deps: ReplayDeps;
  readonly #plan: ReplayPlan;
  readonly #opened: OpenedStream;
  readonly #settings: Settings;
  readonly #tally: SpendingTally;
  readonly #openedAt: Date;
  #through: bigint;
  #notes: ShadowNotes | undefined;
  /** Of the step that is being kept. */
  #spent: ReplaySpent | undefined;

  constructor(
    deps: ReplayDeps,
    plan: ReplayPlan,
    opened: OpenedStream & { readonly openedAt: Date },
    settings: Settings,
  ) {
    this.#openedAt = opened.openedAt;
    this.#deps = deps;
    this.#plan = plan;
    this.#opened = opened;
    this.#settings = settings;
    this.#through = opened.through;
    this.#notes = opened.notes;
    this.shadow = new ShadowStream(opened.memories);
    this.#tally = new SpendingTally(deps.prices);
  }

  /** The position up to which all is read. */
  get through(): bigint {
    return this.#through;
  }

  /** What was taken since a step was kept. */
  takeSpent(): ReplaySpent {
    return this.#spent ?? this.#tally.take();
  }

  /** The next messages, read and kept. */
  async read(signal: AbortSignal | undefined): Promise<"kept" | "end" | "lost"> {
    const { streamId, upto } = this.#opened;
    const at = { streamId, upto, after: this.#through };
    const { extractor, reconciler } = this.#readers();
    // Rules cost nothing: by them what was said together is read together, as ingest did when nothing else waited.
    const oneAdd = extractor.most === undefined && !reconciler;
    const loaded = await this.#deps.work.next(this.#plan, at, { limit: MESSAGES, oneAdd }, signal);
    if (!loaded) return "end";
    const readable = this.#readable(loaded);
    const deciding = this.#decidingDeps();
    const { deleted } = this.#opened;
    const shown = { ...readable, batch: blankDeleted(readable.batch, deleted) };
    const reading = await readStream(deciding, this.#plan.tenantId, shown, signal);
    const kept = withoutDeleted(reading, deleted);
    const [result] = await decideStreams(deciding, this.#plan.tenantId, [kept], signal);
    if (!result) throw new Error("a reading without a result");
    return this.#keep(readable, result, loaded, signal);
  }

  #readers(): Pick<ReadableBatch, "extractor" | "reconciler"> {
    const { extractor, extractorFor, reconcilerFor } = this.#deps.ingest;
    const reconciler = reconcilerFor?.(this.#settings);
    return {
      extractor: extractorFor?.(this.#settings) ?? extractor,
      reconciler: reconciler && waitingForBudget(reconciler),
    };
  }

  #readable({ batch, receivedAt }: ReplayBatch): ReadableBatch {
    const readers = this.#readers();
    const { most } = readers.extractor;
    const { participants, summaries } = this.#notes ?? NO_NOTES;
    const noted = { ...batch, participants, summary: summaries[batch.audience] ?? "" };
    return {
      ...readers,
      batch: most ? trimBatch(noted, most) : noted,
      settings: this.#settings,
      keptAt: receivedAt,
    };
  }

  /** As ingest's, over the shadow: nothing that is known live is seen. */
  #decidingDeps(): DecidingDeps {
    const { work, ingest } = this.#deps;
    const { spending, answers } = ingest;
    const { shadow } = this;
    return {
      embedder: ingest.viewFor?.(this.#settings.models?.embedder).embedder ?? ingest.embedder,
      ...(spending && { spending: this.#tally.over(spending) }),
      answers: answers && this.#tally.countingKnown(answers, this.#openedAt),
      store: {
        findExact: async (tenantId, said, signal) => {
          const deleted = await work.deletedWords(tenantId, said, signal);
          return said.map((one, i) => (deleted[i] ? { type: "tombstone" } : shadow.findExact(one)));
        },
        findBySlots: async (_, asked) => asked.map((one) => shadow.findBySlots(one)),
        findLast: async (_, asked) => asked.map((one) => shadow.findLast(one)),
        statements: async (_, memories) => memories.map((one) => shadow.statement(one)),
      },
      index: { nearest: async (queries) => queries.map((query) => shadow.nearest(query)) },
    };
  }

  async #keep(
    { batch, extractor, reconciler }: ReadableBatch,
    result: StreamResult,
    { positions }: ReplayBatch,
    signal: AbortSignal | undefined,
  ): Promise<"kept" | "lost"> {
    applyToShadow(this.shadow, result);
    const through = lastPosition(batch, positions);
    const notes = notesAfter(this.#notes ?? NO_NOTES, result);
    const spent = this.#tally.take();
    this.#spent = spent;
    const isKept = await this.#deps.work.keep(
      this.#plan,
      batch.streamId,
      {
        from: this.#through,
        through,
        notes,
        changes: this.shadow.takeChanges(),
        messageIds: batch.pending.map(({ turn }) => turn.messageId),
        contextIds: batch.context.map(({ messageId }) => messageId),
        hadNotes: this.#notes !== undefined,
        deletedSpans: countSpans(this.#opened.deleted),
        spent,
        extractor: `${extractor.name}/${extractor.version}`,
        reconciler: reconciler ? `${reconciler.name}/${reconciler.version}` : "",
      },
      signal,
    );
    if (isKept) this.#spent = undefined;
    this.#through = through;
    this.#notes = notes;
    return isKept ? "kept" : "lost";
  }
}

function lastPosition({ pending }: StreamBatch, positions: ReadonlyMap<string, bigint>): bigint {
  const position = positions.get(pending.at(-1)?.turn.messageId ?? "");
  if (position === undefined) throw new Error("a message without a position");
  return position;
}

function notesAfter({ participants, summaries }: ShadowNotes, result: StreamResult): ShadowNotes {
  const { audience } = result.batch;
  return {
    participants: result.participants ?? participants,
    summaries: result.summary === undefined ? summaries : { ...summaries, [audience]: result.summary },
  };
}
