import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import type { Control } from "@mneme/local/supervise.ts";
import { type AddResult, Mneme } from "@mneme/sdk";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultStack, startFaultStack } from "../harness/fault-stack.ts";
import { Lockers } from "../harness/lockers.ts";
import { compareRecordAndIndex } from "../harness/record-and-index.ts";

const ROUNDS = 20;
const ADDS_A_ROUND = 200;
const REINDEXES = 4;
const WAIT = { timeoutMs: 300_000 };

/**
 * Minutes of adds and searches while processes die at random, then while the index is rebuilt again and again:
 * what was accepted is kept exactly once, and what could be found can be found ever after.
 */
describe("a soak", () => {
  let stack: FaultStack;
  let mneme: Mneme;
  let lockers: Lockers;

  beforeAll(async () => {
    stack = await startFaultStack("soak");
    mneme = new Mneme({
      url: stack.processes.api.url,
      apiKey: stack.tenant.apiKey,
      timeoutMs: 240_000,
      retries: { retries: 1_000, maxDelayMs: 1_000 },
    });
    lockers = new Lockers(mneme, "soak");
  }, 300_000);

  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  }, 120_000);

  async function restart(control: Control): Promise<void> {
    await control.kill("SIGKILL");
    await control.start();
  }

  /** Kills one or two of all processes at once, and starts them again. @returns their names. */
  async function killSome(): Promise<string> {
    const { postgres, opensearch, temporal } = stack.engines;
    const all = Object.entries({ ...stack.processes, postgres, opensearch, temporal });
    const first = Math.floor(Math.random() * all.length);
    const count = Math.random() < 0.25 ? 2 : 1;
    const victims = [...all.slice(first), ...all.slice(0, first)].slice(0, count);
    await Promise.all(victims.map(([, control]) => restart(control)));
    return victims.map(([name]) => name).join(" and ");
  }

  /** Asks for what is known to be searchable until `work` is done. */
  async function searchWhile(work: Promise<unknown>, known: () => number) {
    const seen = { found: 0, degraded: 0, missed: [] as number[] };
    let done = false;
    const client = async () => {
      while (!done) {
        const number = Math.floor(Math.random() * known());
        const outcome = await lockers.find(number);
        if (outcome === "missed") seen.missed.push(number);
        else seen[outcome] += 1;
      }
    };
    const ended = work.finally(() => {
      done = true;
    });
    await Promise.all([ended, client(), client()]);
    return seen;
  }

  async function expectWhole(): Promise<void> {
    expect(await lockers.notKeptOnce()).toEqual([]);
    const { postgres, opensearch } = stack.engines;
    const urls = { postgresUrl: postgres.url, opensearchUrl: opensearch.url };
    const { versions, behind, documents } = await compareRecordAndIndex(stack, urls);
    expect({ behind, documents }).toEqual({ behind: 0, documents: versions });
  }

  it("keeps every add once and misses nothing while processes die at random", async () => {
    let known = 0;
    const killed: string[] = [];
    const grow = async (accepted: readonly AddResult[]) => {
      await mneme.waitFor(accepted, WAIT);
      known += accepted.length;
    };
    await grow(await lockers.add(ADDS_A_ROUND));
    const soak = async () => {
      let growing = Promise.resolve();
      for (let round = 0; round < ROUNDS; round += 1) {
        const at = Math.random() * ADDS_A_ROUND;
        let killing: Promise<unknown> | undefined;
        const accepted = await lockers.add(ADDS_A_ROUND, (count) => {
          if (count > at) killing ??= killSome().then((names) => killed.push(names));
        });
        await Promise.all([killing, growing]);
        growing = grow(accepted);
      }
      await growing;
    };
    const { found, degraded, missed } = await searchWhile(soak(), () => known);
    console.log(`killed ${killed.join(", ")}; ${found} searches found and ${degraded} degraded`);
    expect(missed).toEqual([]);
    expect([known, found > 0]).toEqual([lockers.count, true]);
    await expectWhole();
  }, 1_200_000);

  it("keeps every add once and misses nothing while the index is rebuilt", async () => {
    const known = lockers.count;
    const { temporal } = stack.engines;
    const env = {
      MNEME_TEMPORAL_ADDRESS: temporal.address,
      MNEME_TEMPORAL_NAMESPACE: temporal.namespace,
      MNEME_TASK_QUEUE: stack.name,
      MNEME_INDEX_POOL: stack.name,
    };
    const soak = async () => {
      for (let time = 0; time < REINDEXES; time += 1) {
        let rebuilt = false;
        const reindex = execa(process.execPath, [join(ROOT, "workflows/reindex/start.ts")], { env });
        // Every other one is interrupted: a reindex survives its worker.
        const interrupted = time % 2 === 1 ? restart(stack.processes.worker) : undefined;
        const adding = async () => {
          while (!rebuilt) await mneme.waitFor(await lockers.add(20), WAIT);
        };
        const ended = reindex.finally(() => {
          rebuilt = true;
        });
        await Promise.all([ended, interrupted, adding()]);
      }
    };
    const { found, degraded, missed } = await searchWhile(soak(), () => known);
    const added = lockers.count - known;
    console.log(`${added} adds, ${found} searches found and ${degraded} degraded in ${REINDEXES} reindexes`);
    expect(missed).toEqual([]);
    // A machine that does much else may keep the engine from answering in time.
    expect(found).toBeGreaterThan(degraded);
    expect(await lockers.find(lockers.count - 1)).toBe("found");
    await expectWhole();
  }, 1_200_000);
});
