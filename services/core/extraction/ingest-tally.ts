import { isBudgetExceeded } from "../cost/budget.ts";
import { MnemeError } from "../errors.ts";
import { type FailureReason, failureReason } from "./failure-reason.ts";
import type { IngestStore, StreamBatch } from "./ingest-store.ts";
import { isOutage } from "./outage.ts";
import type { SensitiveKind } from "./sensitive/sensitive-kind.ts";
import type { CategoryRule } from "./sort-statements.ts";

/** A try that failed and was counted. */
export interface StreamFailure {
  readonly streamId: string;
  /** The stream's next extraction, which the try counts on. */
  readonly extractionId: string;
  readonly reason: FailureReason;
  /** False: the same input will fail again. */
  readonly retryable: boolean;
  /** How long the model's server asks to be left alone. */
  readonly retryAfterMs: number | undefined;
}

/** What became of batches. Ids only, but for the outage. */
export interface Outcome {
  /** Ids of the messages that were worked. */
  readonly worked: readonly string[];
  readonly failed: readonly StreamFailure[];
  /** An engine or the model's server is away: what it stopped was not counted, and is to be tried again later. */
  readonly outage?: { readonly error: unknown };
}

/** Told of what is not kept, once that is settled. */
export interface DropListener {
  /** Of each statement that was dropped for what it held. */
  readonly onSensitive?: (kind: SensitiveKind) => void;
  /** Of each that was dropped for its category. */
  readonly onLeftOut?: (rule: CategoryRule) => void;
}

export interface TallyOptions extends DropListener {
  readonly signal?: AbortSignal;
  /** Told of messages that were worked, as soon as what they say is kept. */
  readonly onWorked?: (messageIds: readonly string[]) => void;
  /** Told of somebody who waits until a budget allows more. */
  readonly onHeld?: (streamId: string) => void;
  /** Told of what made a try fail; the error itself is for the log, never for a history. */
  readonly onFailure?: (failure: StreamFailure, error: unknown) => void;
}

/** What became of batches, told as it happens. */
export class Tally {
  readonly #store: Pick<IngestStore, "recordFailure" | "hold">;
  readonly #tenantId: string;
  readonly #options: TallyOptions;
  readonly #worked: string[] = [];
  readonly #failed: StreamFailure[] = [];
  #outage: { readonly error: unknown } | undefined;

  constructor(store: Pick<IngestStore, "recordFailure" | "hold">, tenantId: string, options: TallyOptions) {
    this.#store = store;
    this.#tenantId = tenantId;
    this.#options = options;
  }

  worked(batches: readonly StreamBatch[]): void {
    const ids = batches.flatMap(({ pending }) => pending.map(({ turn }) => turn.messageId));
    if (ids.length === 0) return;
    this.#worked.push(...ids);
    this.#options.onWorked?.(ids);
  }

  /** Counts the try, unless it was for nothing: cancelled, an outage, or a budget that was spent. */
  async failed(batch: StreamBatch, error: unknown): Promise<void> {
    const { signal, onFailure } = this.#options;
    signal?.throwIfAborted();
    if (isOutage(error)) {
      this.#outage ??= { error };
      return;
    }
    const failure = toFailure(batch, error);
    try {
      if (isBudgetExceeded(error)) return await this.#hold(batch, error);
      await this.#store.recordFailure(this.#tenantId, batch, failure.reason, signal);
    } catch (away) {
      signal?.throwIfAborted();
      if (!isOutage(away)) throw away;
      this.#outage ??= { error: away };
      return;
    }
    onFailure?.(failure, error);
    this.#failed.push(failure);
  }

  async #hold(batch: StreamBatch, { retryAfterMs = 0 }: MnemeError): Promise<void> {
    const { signal, onHeld } = this.#options;
    await this.#store.hold(this.#tenantId, batch, new Date(Date.now() + retryAfterMs), signal);
    onHeld?.(batch.streamId);
  }

  get outcome(): Outcome {
    return {
      worked: this.#worked,
      failed: this.#failed,
      ...(this.#outage && { outage: this.#outage }),
    };
  }
}

/** What became of all of them. */
export function sum(outcomes: readonly Outcome[]): Outcome {
  const outage = outcomes.find((one) => one.outage)?.outage;
  return {
    worked: outcomes.flatMap(({ worked }) => worked),
    failed: outcomes.flatMap(({ failed }) => failed),
    ...(outage && { outage }),
  };
}

function toFailure({ streamId, pending }: StreamBatch, error: unknown): StreamFailure {
  const extractionId = pending[0]?.extractionId ?? "";
  const reason = failureReason(error);
  if (!(error instanceof MnemeError)) {
    return { streamId, extractionId, reason, retryable: true, retryAfterMs: undefined };
  }
  const { kind, retryAfterMs } = error;
  const retryable = kind !== "invalid_argument" && kind !== "failed_precondition";
  return { streamId, extractionId, reason, retryable, retryAfterMs };
}
