import type { SearchTimings } from "./search-request.ts";

type Stage = Exclude<keyof SearchTimings, "total">;

/** Adds up where the time of one search goes. */
export class Stopwatch {
  readonly #start = performance.now();
  readonly #spent: Record<Stage, number> = {
    resolve: 0,
    embed: 0,
    graph: 0,
    index: 0,
    fuse: 0,
    rerank: 0,
    hydrate: 0,
    pack: 0,
  };

  async time<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    try {
      return await work();
    } finally {
      this.#spent[stage] += performance.now() - begun;
    }
  }

  timeSync<T>(stage: Stage, work: () => T): T {
    const begun = performance.now();
    const result = work();
    this.#spent[stage] += performance.now() - begun;
    return result;
  }

  read(): SearchTimings {
    return { ...this.#spent, total: performance.now() - this.#start };
  }
}
