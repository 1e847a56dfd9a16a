/** Passes a stream on and gives its error to `fail`, which throws another. */
export async function* mapErrors<T>(
  items: AsyncIterable<T>,
  fail: (error: unknown) => never,
): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    fail(error);
  }
}

/** Passes a stream on and looks at every item on the way. */
export async function* tap<T>(
  items: AsyncIterable<T>,
  look: (item: T, index: number) => void,
): AsyncGenerator<T> {
  let index = 0;
  for await (const item of items) {
    look(item, index++);
    yield item;
  }
}

/** Passes a stream on and tells when its consumer has had the last item, or has given up. */
export async function* onEnd<T>(
  items: AsyncIterable<T>,
  end: (completed: boolean) => void,
): AsyncGenerator<T> {
  let completed = false;
  try {
    yield* items;
    completed = true;
  } finally {
    end(completed);
  }
}

/**
 * Passes a stream on until the signal fires, and then throws its reason, also where the stream's source
 * does not look at the signal itself.
 */
export async function* until<T>(items: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    for (;;) {
      const result = await orAbort(iterator.next(), signal);
      if (result.done) return;
      yield result.value;
    }
  } finally {
    // Not awaited: a source that waits for something else would hold the answer back.
    iterator.return?.(undefined).catch(() => {});
  }
}

/** The promise's outcome, or the signal's reason if that comes first. */
export function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => {});
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
