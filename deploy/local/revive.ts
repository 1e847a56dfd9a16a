import { setTimeout as pause } from "node:timers/promises";
import type { Child } from "./child.ts";
import { type Death, describeDeath, nameDeath, StartError } from "./death.ts";
import type { Supervisor } from "./supervise.ts";

export interface ReviveOptions {
  /** Hears one line of every death and of every return. */
  readonly say: (line: string) => void;
  /** Hears why nothing can be expected of further starts. */
  readonly giveUp: (why: string) => void;
  /** Failures of one child within a minute that are still answered by a start. */
  readonly limit?: number;
  /** Before the second start in a row, in milliseconds; doubled for each further one. The first is at once. */
  readonly pauseMs?: number;
}

const WINDOW_MS = 60_000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * From now on every child of the supervisor that dies once it served is started again, on the same data and ports. One
 * that dies too often within a minute, or fails to start as often in a row however long that takes, is given up.
 */
export function revive(supervisor: Supervisor, options: ReviveOptions): void {
  const failures = new Map<Child, number[]>();
  supervisor.onDeath(async (death, child) => {
    const longAgo = Date.now() - WINDOW_MS;
    const recent = (failures.get(child) ?? []).filter((time) => time > longAgo);
    failures.set(child, recent);
    await bringBack(child, death, recent, supervisor.closing, options).catch((error: unknown) => {
      if (!supervisor.closing.aborted) options.giveUp(String(error));
    });
  });
}

async function bringBack(
  child: Child,
  first: Death,
  recent: number[],
  closing: AbortSignal,
  { say, giveUp, limit = 5, pauseMs = 1000 }: ReviveOptions,
): Promise<void> {
  let death: Death | undefined = first;
  while (death !== undefined && !closing.aborted) {
    recent.push(Date.now());
    if (recent.length > limit) {
      giveUp(
        `${describeDeath(death)}\nIt failed ${recent.length} times within a minute or in a row: giving up.`,
      );
      return;
    }
    const wait = recent.length === 1 ? 0 : Math.min(pauseMs * 2 ** (recent.length - 2), LONGEST_PAUSE_MS);
    say(`${nameDeath(death)}; starting it again${wait === 0 ? "" : ` in ${wait / 1000} s`}.`);
    await pause(wait, undefined, { signal: closing });
    death = await failureOf(child.start());
  }
  if (!closing.aborted) say(`${first.name} runs again.`);
}

/** Undefined when the child is ready. */
async function failureOf(start: Promise<void>): Promise<Death | undefined> {
  try {
    await start;
    return undefined;
  } catch (error) {
    if (error instanceof StartError && error.death !== undefined) return error.death;
    throw error;
  }
}
