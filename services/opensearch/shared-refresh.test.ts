import { describe, expect, it } from "vitest";
import { shareRefreshes } from "./shared-refresh.ts";

/** A refresh whose runs end when the test says so. */
function manual() {
  const runs: PromiseWithResolvers<void>[] = [];
  const refresh = shareRefreshes(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  return { runs, refresh };
}

describe("a shared refresh", () => {
  it("serves all that came during a run with one run after it", async () => {
    const { runs, refresh } = manual();
    const first = refresh();
    const later = [refresh(), refresh(), refresh()];
    expect(runs).toHaveLength(1);
    runs[0]?.resolve();
    await first;
    await expect.poll(() => runs.length).toBe(2);
    const last = refresh();
    runs[1]?.resolve();
    await Promise.all(later);
    await expect.poll(() => runs.length).toBe(3);
    runs[2]?.resolve();
    await last;
    expect(runs).toHaveLength(3);
  });

  it("runs once at a time, also for whoever comes just as one has ended", async () => {
    const { runs, refresh } = manual();
    const first = refresh();
    const waiting = refresh();
    const late = first.then(refresh);
    runs[0]?.resolve();
    await expect.poll(() => runs.length).toBe(2);
    await new Promise(setImmediate);
    expect(runs).toHaveLength(2);
    runs[1]?.resolve();
    await Promise.all([waiting, late]);
  });

  it("gives a failure to those it served and to no one else", async () => {
    const { runs, refresh } = manual();
    const first = refresh();
    const second = refresh();
    runs[0]?.reject(new Error("down"));
    await expect(first).rejects.toThrow("down");
    await expect.poll(() => runs.length).toBe(2);
    runs[1]?.resolve();
    await second;
    const third = refresh();
    expect(runs).toHaveLength(3);
    runs[2]?.resolve();
    await third;
  });
});
