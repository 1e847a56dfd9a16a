import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import type { Control } from "@mneme/local/supervise.ts";
import { type AddResult, Mneme } from "@mneme/sdk";
import { execa } from "execa";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type FaultStack, startFaultStack } from "../harness/fault-stack.ts";
import { Lockers } from "../harness/lockers.ts";
import { compareRecordAndIndex } from "../harness/record-and-index.ts";

const ROUNDS = Number(process.env.MNEME_SOAK_ROUNDS || 20);
const ADDS_A_ROUND = 200;
const REINDEXES = 4;
const WAIT = { timeoutMs: 300_000 };
/** Engines and processes that may be killed. */
const VICTIMS = 5;

/** Who is killed in a round, and after how many of its adds. */
const aRound = fc.record({
  after: fc.nat(ADDS_A_ROUND - 1),
  first: fc.nat(VICTIMS - 1),
  count: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(2) }),
});

/**
 * Minutes of adds and searches while processes die at random, then while the index is rebuilt again and again:
 * what was accepted is kept exactly once, and what could be found can be found ever after.
 *
 * The seed printed at the start, given as MNEME_SOAK_SEED, kills the same in the same places again; MNEME_SOAK_ROUNDS
 * makes the first part shorter or longer.
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
  async function killSome({ first, count }: { readonly first: number; readonly count: number }) {
    const { api, worker } = stack.processes;
    const { postgres, opensearch, temporal } = stack.engines;
    const all = Object.entries({ api, worker, postgres, opensearch, temporal });
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

  /** The pool's indices, one a generation: that which is being built among them. */
  async function generationIndices(): Promise<readonly string[]> {
    const pattern = `mneme-memories-${stack.name}-g*`;
    const answer = await fetch(`${stack.engines.opensearch.url}/_cat/indices/${pattern}?format=json&h=index`);
    return ((await answer.json()) as { readonly index: string }[]).map(({ index }) => index);
  }

  /** Kills the worker in the middle of a reindex: its generation is there, the one before is not retired yet. */
  async function interrupt(before: readonly string[]): Promise<void> {
    await vi.waitFor(async () => expect((await generationIndices()).length).toBeGreaterThan(before.length), {
      timeout: 120_000,
      interval: 50,
    });
    await restart(stack.processes.worker);
  }

  it("keeps every add once and misses nothing while processes die at random", async () => {
    const seed = Number(process.env.MNEME_SOAK_SEED || Date.now() % 2 ** 31);
    console.log(`MNEME_SOAK_SEED=${seed} MNEME_SOAK_ROUNDS=${ROUNDS}`);
    let known = 0;
    const killed: string[] = [];
    const grow = async (accepted: readonly AddResult[]) => {
      await mneme.waitFor(accepted, WAIT);
      known += accepted.length;
    };
    await grow(await lockers.add(ADDS_A_ROUND));
    const soak = async () => {
      let growing = Promise.resolve();
      for (const { after, ...victims } of fc.sample(fc.noBias(aRound), { seed, numRuns: ROUNDS })) {
        let killing: Promise<unknown> | undefined;
        const accepted = await lockers.add(ADDS_A_ROUND, (count) => {
          if (count > after) killing ??= killSome(victims).then((names) => killed.push(names));
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
        const before = await generationIndices();
        const reindex = execa(process.execPath, [join(ROOT, "workflows/reindex/start.ts")], { env });
        // Every other one is interrupted: a reindex survives its worker.
        const interrupted = time % 2 === 1 ? interrupt(before) : undefined;
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
