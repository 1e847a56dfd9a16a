/**
 * Lets many callers share refreshes: each gets one that began after it asked, and only one runs at a time.
 * A refresh makes a segment in every shard, so twenty writers that each asked for their own would leave the
 * merges, and every search, twenty times the segments.
 */
export function shareRefreshes(refresh: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const start = (): Promise<void> => {
    const mine = refresh().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  };

  return () => {
    // Also where the one before it has just ended: two at once would end in either order.
    if (next) return next;
    if (running === undefined) return start();
    // What is under way may have begun before the caller's write. A failure of it is not the caller's.
    next = running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
}
