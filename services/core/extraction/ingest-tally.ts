import { MnemeError } from "../errors.ts";
import { type FailureReason, failureReason } from "./failure-reason.ts";
import type { IngestStore, StreamBatch } from "./ingest-store.ts";
import { isOutage } from "./outage.ts";

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

export interface TallyOptions {
  readonly signal?: AbortSignal;
  /** Told of messages that were worked, as soon as what they say is kept. */
  readonly onWorked?: (messageIds: readonly string[]) => void;
  /** Told of what made a try fail; the error itself is for the log, never for a history. */
  readonly onFailure?: (failure: StreamFailure, error: unknown) => void;
}

/** What became of batches, told as it happens. */
export class Tally {
  readonly #store: Pick<IngestStore, "recordFailure">;
  readonly #tenantId: string;
  readonly #options: TallyOptions;
  readonly #worked: string[] = [];
  readonly #failed: StreamFailure[] = [];
  #outage: { readonly error: unknown } | undefined;

  constructor(store: Pick<IngestStore, "recordFailure">, tenantId: string, options: TallyOptions) {
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

  /** Counts the try, unless it was for nothing: cancelled, or an outage. */
  async failed(batch: StreamBatch, error: unknown): Promise<void> {
    const { signal, onFailure } = this.#options;
    signal?.throwIfAborted();
    if (isOutage(error)) {
      this.#outage ??= { error };
      return;
    }
    const failure = toFailure(batch, error);
    await this.#store.recordFailure(this.#tenantId, batch, failure.reason, signal);
    onFailure?.(failure, error);
    this.#failed.push(failure);
  }

  /** @throws the outage that let nothing be done. */
  report(): { readonly worked: readonly string[]; readonly failed: readonly StreamFailure[] } {
    const [worked, failed] = [this.#worked, this.#failed];
    if (this.#outage && worked.length === 0 && failed.length === 0) throw this.#outage.error;
    return { worked, failed };
  }
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
