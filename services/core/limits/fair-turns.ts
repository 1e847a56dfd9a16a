/** Runs work when its turn comes. @param key whose it is: those who wait take turns. */
export type FairTurns = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/**
 * Bounds what runs at once. Whose work goes next: of those who wait, theirs of whom the least runs, and of these theirs
 * who came first into the line, where who was served goes to the end. So one with a thousand waiting pieces of work costs another the end of one piece at most.
 */
export function createFairTurns(atOnce: number): FairTurns {
  let free = atOnce;
  const running = new Map<string, number>();
  /** The line; each list oldest first. */
  const waiting = new Map<string, (() => void)[]>();

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

  function admitNext(): void {
    const key = free > 0 ? nextKey() : undefined;
    if (key === undefined) return;
    const line = waiting.get(key) ?? [];
    waiting.delete(key);
    const go = line.shift();
    if (line.length > 0) waiting.set(key, line);
    begin(key);
    go?.();
  }

  function turn(key: string): Promise<void> | undefined {
    if (free > 0) {
      begin(key);
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const line = waiting.get(key);
    if (line) line.push(resolve);
    else waiting.set(key, [resolve]);
    return promise;
  }

  return async (key, work) => {
    await turn(key);
    try {
      return await work();
    } finally {
      end(key);
      admitNext();
    }
  };
}
