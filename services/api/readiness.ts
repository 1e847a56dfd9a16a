import { setTimeout as sleep } from "node:timers/promises";

/** Something that the process stands on. */
export interface Probe {
  readonly name: string;
  /** Without it no call can be answered; otherwise answers are degraded. */
  readonly required: boolean;
  /** Rejects, or takes too long, when it is not there. */
  check(signal: AbortSignal): Promise<unknown>;
}

export interface ReadinessState {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, "ok" | "failed">>;
}

/** Whether this process can do its work, looked at again and again. */
export interface Readiness {
  /** As it was found last. */
  readonly state: ReadinessState;
  /** Resolves with the next state in which `ready` differs from that one. */
  changed(from: boolean, signal: AbortSignal): Promise<void>;
  /** From now on it is not ready, whatever the probes say. */
  withdraw(): void;
  close(): void;
}

export interface ReadinessOptions {
  readonly probes: readonly Probe[];
  readonly everyMs?: number;
  readonly timeoutMs?: number;
}

/** Looks once, then keeps looking in the background. */
export async function watchReadiness(options: ReadinessOptions): Promise<Readiness> {
  const { probes, everyMs = 2000, timeoutMs = 1500 } = options;
  const closed = new AbortController();
  const waiting = new Set<() => void>();
  let withdrawn = false;
  let state = await look();

  async function look(): Promise<ReadinessState> {
    const looking = new AbortController();
    const timer = setTimeout(() => looking.abort(), timeoutMs);
    timer.unref();
    try {
      return await lookAt(probes, looking.signal);
    } finally {
      clearTimeout(timer);
    }
  }
  function update(next: ReadinessState): void {
    const differs = next.ready !== state.ready;
    state = next;
    if (!differs) return;
    for (const wake of waiting) wake();
    waiting.clear();
  }
  async function keepLooking(): Promise<void> {
    for (;;) {
      await sleep(everyMs, undefined, { ref: false, signal: closed.signal });
      const next = await look();
      update(withdrawn ? { ...next, ready: false } : next);
    }
  }
  keepLooking().catch(() => {});

  return {
    get state() {
      return state;
    },
    changed: (from, signal) =>
      new Promise((resolve, reject) => {
        if (state.ready !== from) return resolve();
        if (signal.aborted) return reject(signal.reason);
        const settle = (then: () => void) => () => {
          waiting.delete(wake);
          signal.removeEventListener("abort", stop);
          then();
        };
        const wake = settle(resolve);
        const stop = settle(() => reject(signal.reason));
        waiting.add(wake);
        signal.addEventListener("abort", stop);
      }),
    withdraw() {
      withdrawn = true;
      update({ ...state, ready: false });
    },
    close: () => closed.abort(),
  };
}

async function lookAt(probes: readonly Probe[], signal: AbortSignal): Promise<ReadinessState> {
  const found = await Promise.all(
    probes.map(async (probe) => ({ ...probe, ok: await answers(probe, signal) })),
  );
  return {
    ready: found.every(({ required, ok }) => ok || !required),
    parts: Object.fromEntries(found.map(({ name, ok }) => [name, ok ? "ok" : "failed"] as const)),
  };
}

/** A probe that ignores its signal counts as failed all the same. */
async function answers(probe: Probe, signal: AbortSignal): Promise<boolean> {
  const timedOut = new Promise<false>((resolve) => {
    signal.addEventListener("abort", () => resolve(false), { once: true });
  });
  return Promise.race([
    probe.check(signal).then(
      () => true,
      () => false,
    ),
    timedOut,
  ]);
}
