import { setTimeout as pause } from "node:timers/promises";
import type { BudgetWaits } from "@mneme/postgres/budget-waits.ts";
import type { Logger } from "pino";
import { describe } from "./guard.ts";

export interface BudgetWaitsOptions {
  readonly waits: BudgetWaits;
  readonly log: Logger;
  /** How often it looks, 5,000 ms by default: at a row a project that waits, whoever waits in it. */
  readonly lookMs?: number;
}

/** People of one look. */
const MOST = 500;

/** Has those go on, for as long as it runs, who wait for a month's turn or a larger budget. Several may run. */
export function startBudgetWaits({ waits, log, lookMs = 5_000 }: BudgetWaitsOptions): AsyncDisposable {
  const stop = new AbortController();
  const { signal } = stop;

  async function look(): Promise<void> {
    for (let people = MOST; people >= MOST && !signal.aborted; ) {
      people = await waits.release(MOST);
      if (people > 0) log.info({ people }, "people who waited for a budget go on");
    }
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await look().catch((error: unknown) => {
        log.warn(describe(error), "who waits for a budget could not be looked for; trying again");
      });
      await pause(lookMs, undefined, { signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
