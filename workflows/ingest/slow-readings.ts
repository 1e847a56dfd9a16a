import type { Outcome } from "@mneme/core/extraction/ingest-tally.ts";
import type { SlowReading } from "@mneme/core/extraction/work-each.ts";

/** Readings that outlast their batch: they go on while others are served. */
export class SlowReadings {
  readonly #going = new Map<string, Promise<void>>();
  readonly #unfinished: string[] = [];
  readonly #onEnd: (outcome: Outcome) => void;

  /** @param onEnd told what became of each that came to its end. */
  constructor(onEnd: (outcome: Outcome) => void) {
    this.#onEnd = onEnd;
  }

  add(slow: readonly SlowReading[] = []): void {
    for (const { streamId, ended } of slow) {
      const told = ended.then(this.#onEnd, () => void this.#unfinished.push(streamId));
      this.#going.set(
        streamId,
        told.finally(() => this.#going.delete(streamId)),
      );
    }
  }

  get areGoing(): boolean {
    return this.#going.size > 0;
  }

  /** Streams that are somebody's to read: these, and those that were cut off. */
  get streamIds(): readonly string[] {
    return [...this.#going.keys(), ...this.#unfinished];
  }

  /** Those that were cut off. */
  get unfinished(): readonly string[] {
    return this.#unfinished;
  }

  /** Resolves when one of them ends; never while there are none. */
  async next(): Promise<void> {
    await Promise.race(this.#going.values());
  }

  /** Resolves when all have ended, or after `ms`. */
  async endWithin(ms: number): Promise<void> {
    if (!this.areGoing || ms <= 0) return;
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, ms);
    await Promise.race([this.settled(), late.promise]);
    clearTimeout(timer);
  }

  /** Resolves when all have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#going.values());
  }
}
