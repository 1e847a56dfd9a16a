/**
 * Runs work when its turn comes.
 *
 * @param key whose it is: those who wait take turns.
 * @param signal ends the waiting with its reason.
 */
export type FairTurns = <T>(key: string, work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

export interface FairTurnsOptions {
  /** How long work waits for its turn, in milliseconds; as long as it takes unless told. */
  readonly waitMs?: number;
  /** What work that waited longer fails with. */
  readonly late?: () => unknown;
}

interface Place {
  readonly go: () => void;
}

/**
 * Bounds what runs at once. Whose work goes next: of those who wait, theirs of whom the least runs, and of these theirs
 * who came first into the line, where who was served goes to the end. So one with a thousand waiting pieces of work
 * costs another the end of one piece at most.
 */
export function createFairTurns(atOnce: number, options: FairTurnsOptions = {}): FairTurns {
  const { waitMs, late = () => new Error("waited too long for a turn") } = options;
  let free = atOnce;
  const running = new Map<string, number>();
  /** The line; each part oldest first. */
  const waiting = new Map<string, Set<Place>>();

  function begin(key: string): void {
    free -= 1;
    running.set(key, (running.get(key) ?? 0) + 1);
  }

  function end(key: string): void {
    free += 1;
    const left = (running.get(key) ?? 1) - 1;
    if (left > 0) running.set(key, left);
    else running.delete(key);
  }

  function nextKey(): string | undefined {
    let next: string | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const key of waiting.keys()) {
      const count = running.get(key) ?? 0;
      if (count < least) [next, least] = [key, count];
      if (least === 0) break;
    }
    return next;
  }

  function leave(key: string, place: Place): void {
    const line = waiting.get(key);
    line?.delete(place);
    if (line?.size === 0) waiting.delete(key);
  }

  function admitNext(): void {
    const key = free > 0 ? nextKey() : undefined;
    const line = key === undefined ? undefined : waiting.get(key);
    if (key === undefined || !line) return;
    const [place] = line;
    waiting.delete(key);
    if (place) line.delete(place);
    if (line.size > 0) waiting.set(key, line);
    begin(key);
    place?.go();
  }

  function turn(key: string, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (free > 0) {
      begin(key);
      return undefined;
    }
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place: Place = { go: resolve };
    const line = waiting.get(key) ?? new Set();
    waiting.set(key, line.add(place));
    const giveUp = (reason: unknown) => {
      leave(key, place);
      reject(reason);
    };
    const onAbort = () => giveUp(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const timer = waitMs === undefined ? undefined : setTimeout(() => giveUp(late()), waitMs);
    return promise.finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    });
  }

  return async (key, work, signal) => {
    await turn(key, signal);
    try {
      return await work();
    } finally {
      end(key);
      admitNext();
    }
  };
}
