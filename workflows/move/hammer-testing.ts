import { setTimeout as pause } from "node:timers/promises";
import type { Tenant } from "./move-testing.ts";

/** Between two rounds of a caller: without it they take the engines from all that runs beside them. */
const PACE_MS = 20;

export interface HammerReport {
  /** What a caller would have noticed. */
  readonly faults: readonly string[];
  readonly searches: number;
  readonly adds: number;
  readonly updates: number;
  readonly deletes: number;
}

/**
 * Searches, adds, updates and deletes of one tenant, all going on until they are told to end. What was answered before
 * a search began must be in its result, what was deleted before must not, and nothing may be there twice.
 */
export class Hammer {
  readonly #tenant: Tenant;
  readonly #present = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #faults: string[] = [];
  /** Of the changed memory, and nobody else's: a search shows the first twenty of a category. */
  #category = { name: "", isSettled: false };
  #searches = 0;
  #adds = 0;
  #updates = 0;
  #deletes = 0;
  #runs = true;
  readonly #changed: string;
  #loops: Promise<void>[] = [];

  private constructor(tenant: Tenant, memoryIds: readonly string[]) {
    this.#tenant = tenant;
    for (const memoryId of memoryIds) this.#present.add(memoryId);
    this.#changed = memoryIds[0] as string;
  }

  /** @param tenant has memories, of which the first is changed and some are deleted. */
  static async begin(tenant: Tenant): Promise<Hammer> {
    const hammer = new Hammer(tenant, await tenant.memoryIds());
    hammer.#loops = [hammer.#search(), hammer.#lookForChange(), hammer.#write()];
    return hammer;
  }

  async end(): Promise<HammerReport> {
    this.#runs = false;
    await Promise.all(this.#loops);
    return {
      faults: this.#faults,
      searches: this.#searches,
      adds: this.#adds,
      updates: this.#updates,
      deletes: this.#deletes,
    };
  }

  /** Ends at the first failure: whatever follows would hide it. */
  async #loop(name: string, once: () => Promise<void>): Promise<void> {
    while (this.#runs) {
      await once().catch((error: unknown) => {
        this.#faults.push(`${name}: ${error}`);
        this.#runs = false;
      });
      await pause(PACE_MS);
    }
  }

  #search(): Promise<void> {
    return this.#loop("search", async () => {
      const before = new Set(this.#present);
      const gone = new Set(this.#deleted);
      const seen = await this.#tenant.seen();
      const memories = new Set(seen.map((each) => each.slice(0, each.indexOf("/"))));
      // What a delete takes away meanwhile may be in the result or not.
      const missing = [...before].filter((each) => !memories.has(each) && this.#present.has(each));
      const doubled = seen.length - new Set(seen).size;
      const back = [...gone].filter((each) => memories.has(each));
      if (missing.length > 0) this.#faults.push(`search ${this.#searches}: ${missing.length} missing`);
      if (doubled > 0) this.#faults.push(`search ${this.#searches}: ${doubled} doubled`);
      if (back.length > 0) this.#faults.push(`search ${this.#searches}: ${back.length} deleted`);
      this.#searches += 1;
    });
  }

  /** As users search: what was changed must be found as it was changed to. */
  #lookForChange(): Promise<void> {
    return this.#loop("filtered search", async () => {
      const category = this.#category;
      if (!category.isSettled) return;
      const found = await this.#tenant.search("hall", category.name);
      if (category !== this.#category) return;
      if (!found.includes(this.#changed)) this.#faults.push(`search ${this.#searches}: a change is missing`);
    });
  }

  #write(): Promise<void> {
    const tenant = this.#tenant;
    return this.#loop("write", async () => {
      const turn = this.#adds;
      const known = new Set([...this.#present, ...this.#deleted]);
      await tenant.add([`Lamp number ${turn} stands in the hall.`]);
      for (const memoryId of await tenant.memoryIds()) {
        if (!known.has(memoryId)) this.#present.add(memoryId);
      }
      this.#adds += 1;
      const name = `room${turn}`;
      this.#category = { name, isSettled: false };
      await tenant.recategorise(this.#changed, name);
      this.#category = { name, isSettled: true };
      this.#updates += 1;
      const doomed = [...this.#present].at(1 + (turn % 3)) as string;
      this.#present.delete(doomed);
      await tenant.delete(doomed);
      this.#deleted.add(doomed);
      this.#deletes += 1;
    });
  }
}
