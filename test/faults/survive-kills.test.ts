import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultStack, startFaultStack } from "../harness/fault-stack.ts";
import { compareRecordAndIndex } from "../harness/record-and-index.ts";

const ADDS = 1_000;
const USERS = 20;
/** Adds under way at once. */
const CLIENTS = 8;

/** Every accepted add must end up searchable exactly once, whatever is killed meanwhile. */
describe("kill -9 in the middle of 1,000 adds", () => {
  let engines: FaultStack["engines"];
  let stack: FaultStack;
  let mneme: Mneme;

  beforeAll(async () => {
    stack = await startFaultStack("faults");
    engines = stack.engines;
    mneme = new Mneme({
      url: stack.processes.api.url,
      apiKey: stack.tenant.apiKey,
      timeoutMs: 120_000,
      retries: { retries: 200, maxDelayMs: 1_000 },
    });
  }, 300_000);

  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
  }, 120_000);

  const victims = {
    worker: () => stack.processes.worker,
    api: () => stack.processes.api,
    OpenSearch: () => engines.opensearch,
    Temporal: () => engines.temporal,
    PostgreSQL: () => engines.postgres,
  };

  it.each(Object.keys(victims) as (keyof typeof victims)[])(
    "%s",
    async (victim) => {
      const texts = Array.from({ length: ADDS }, (_, i) => `My ${victim} locker number ${i} holds a kayak.`);
      const accepted = await addAll(victim, texts, async () => {
        const control = victims[victim]();
        await control.kill("SIGKILL");
        await control.start();
      });
      expect(accepted).toHaveLength(ADDS);
      await mneme.waitFor(accepted, { timeoutMs: 180_000 });
      await expectOnce(victim, texts);
    },
    400_000,
  );

  /** Adds all texts from several clients; `kill` happens once a third is accepted. */
  async function addAll(victim: string, texts: readonly string[], kill: () => Promise<void>) {
    const accepted: { extractionId: string }[] = [];
    let killed: Promise<void> | undefined;
    const queue = texts.entries();
    const client = async () => {
      for (const [i, text] of queue) {
        const added = await mneme.user(`${victim}-${i % USERS}`).add(text, { name: "Robin" });
        accepted.push({ extractionId: added.extractionId });
        if (accepted.length >= ADDS / 3) killed ??= kill();
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    await killed;
    return accepted;
  }

  async function expectOnce(victim: string, texts: readonly string[]): Promise<void> {
    const found = new Map<string, number>();
    for (let user = 0; user < USERS; user += 1) {
      for await (const memory of mneme.user(`${victim}-${user}`).list({ pageSize: 250 })) {
        const number = /locker number (\d+)\b/.exec(memory.text)?.[1] ?? "none";
        found.set(number, (found.get(number) ?? 0) + 1);
      }
    }
    const wrong = texts.flatMap((_, i) =>
      found.get(String(i)) === 1 ? [] : [`${i}: ${found.get(String(i)) ?? 0}`],
    );
    expect(wrong).toEqual([]);
    expect(found.size).toBe(texts.length);
    await expectIndexed();
    const { hits } = await mneme.user(`${victim}-7`).search("Which locker has number 7?", { limit: 5 });
    expect(hits.some(({ memory }) => /locker number 7\b/.test(memory.text))).toBe(true);
  }

  /** The index holds what the record holds: as many documents as versions. */
  async function expectIndexed(): Promise<void> {
    const urls = { postgresUrl: engines.postgres.url, opensearchUrl: engines.opensearch.url };
    const { versions, behind, documents } = await compareRecordAndIndex(stack, urls);
    expect({ behind, documents }).toEqual({ behind: 0, documents: versions });
  }
});
