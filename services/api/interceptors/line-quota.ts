/** Lines that one kind of call may write. */
export interface LineQuota {
  /** True where there is still a line to be had this minute. */
  take(): boolean;
}

const MINUTE_MS = 60_000;

/**
 * @param most lines a minute.
 * @param now milliseconds on a clock that only goes forward.
 */
export function createLineQuota(most: number, now: () => number = () => performance.now()): LineQuota {
  let begun = Number.NEGATIVE_INFINITY;
  let taken = 0;
  return {
    take() {
      if (now() - begun >= MINUTE_MS) {
        begun = now();
        taken = 0;
      }
      taken += 1;
      return taken <= most;
    },
  };
}
