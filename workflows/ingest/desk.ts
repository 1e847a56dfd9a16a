import type { IngestTarget } from "../contract.ts";

/** Who hands over outbox rows, and wants to hear what became of them. */
export interface DeskListener {
  /** An activity has taken a seat: rows of its bucket can be handed over. */
  opened(): void;
  /** These rows need no signal any more: what they announced is worked and indexed. */
  served(rowIds: readonly string[]): void;
  /** Nobody took care of these rows: signal. */
  returned(rowIds: readonly string[]): void;
}

/**
 * Where the relay meets the activities of its own process. A bucket that an activity here is working on
 * need not be signalled: its rows are handed over, stay in the outbox until the activity has served them,
 * and come back if it ends before.
 */
export class Desk {
  readonly #seats = new Map<string, Seat>();
  #listener: DeskListener | undefined;

  /** One relay a process. */
  listen(listener: DeskListener): void {
    this.#listener = listener;
  }

  /** Activities that work right now. */
  get taken(): number {
    return this.#seats.size;
  }

  isOpen(target: IngestTarget): boolean {
    return this.#seats.has(keyOf(target));
  }

  /** @returns false when no activity here works on the bucket. */
  hand(target: IngestTarget, rowIds: readonly string[]): boolean {
    const seat = this.#seats.get(keyOf(target));
    seat?.receive(rowIds);
    return seat !== undefined;
  }

  /** For the length of one activity. An earlier attempt that still clings to the bucket loses its place. */
  sit(target: IngestTarget): Seat {
    const key = keyOf(target);
    const seat: Seat = new Seat({
      served: (rowIds) => this.#listener?.served(rowIds),
      returned: (rowIds) => this.#listener?.returned(rowIds),
      left: () => {
        if (this.#seats.get(key) === seat) this.#seats.delete(key);
      },
    });
    this.#seats.get(key)?.close();
    this.#seats.set(key, seat);
    this.#listener?.opened();
    return seat;
  }
}

interface SeatOwner {
  served(rowIds: readonly string[]): void;
  returned(rowIds: readonly string[]): void;
  left(): void;
}

/** An activity's place at the desk. */
export class Seat implements Disposable {
  readonly #owner: SeatOwner;
  /** Handed over, and not looked for yet. */
  #waiting: string[] = [];
  /** Looked for by a load that came after them. */
  #seen: string[] = [];
  /** Being indexed. */
  #owed: string[] = [];
  #bell = Promise.withResolvers<void>();

  constructor(owner: SeatOwner) {
    this.#owner = owner;
  }

  receive(rowIds: readonly string[]): void {
    this.#waiting.push(...rowIds);
    this.#bell.resolve();
  }

  get hasWork(): boolean {
    return this.#waiting.length > 0;
  }

  /** Before each load: what was handed over until now, it will find. */
  look(): void {
    this.#seen.push(...this.#waiting.splice(0));
    this.#bell = Promise.withResolvers();
  }

  /**
   * Before each indexing of what was loaded.
   *
   * @returns to be called when all of it can be found.
   */
  promise(): () => void {
    const rowIds = this.#seen.splice(0);
    this.#owed.push(...rowIds);
    return () => {
      this.#owed = this.#owed.filter((rowId) => !rowIds.includes(rowId));
      if (rowIds.length > 0) this.#owner.served(rowIds);
    };
  }

  /** Resolves when rows are handed over, or after `ms`. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    const wakeUp = () => resolve();
    signal.addEventListener("abort", wakeUp, { once: true });
    await Promise.race([promise, this.#bell.promise]);
    signal.removeEventListener("abort", wakeUp);
    clearTimeout(timer);
  }

  /** Takes nothing more: what no load has covered goes back. */
  close(): void {
    this.#owner.left();
    this.#return([...this.#waiting.splice(0), ...this.#seen.splice(0)]);
  }

  [Symbol.dispose](): void {
    this.close();
    this.#return(this.#owed.splice(0));
  }

  #return(rowIds: readonly string[]): void {
    if (rowIds.length > 0) this.#owner.returned(rowIds);
  }
}

function keyOf({ tenantId, bucket }: IngestTarget): string {
  return `${tenantId}/${bucket}`;
}
