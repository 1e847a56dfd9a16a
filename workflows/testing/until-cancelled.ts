/** Never answers: rejects with the signal's reason once it is cancelled. */
export function untilCancelled(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}
