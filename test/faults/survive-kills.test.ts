import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FaultStack, startFaultStack } from "../harness/fault-stack.ts";
import { Lockers } from "../harness/lockers.ts";
import { compareRecordAndIndex } from "../harness/record-and-index.ts";

const ADDS = 1_000;

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
      const lockers = new Lockers(mneme, victim);
      let killing: Promise<void> | undefined;
      const kill = async () => {
        const control = victims[victim]();
        await control.kill("SIGKILL");
        await control.start();
      };
      const accepted = await lockers.add(ADDS, (count) => {
        if (count >= ADDS / 3) killing ??= kill();
      });
      await killing;
      expect(accepted).toHaveLength(ADDS);
      await mneme.waitFor(accepted, { timeoutMs: 180_000 });
      expect(await lockers.notKeptOnce()).toEqual([]);
      const urls = { postgresUrl: engines.postgres.url, opensearchUrl: engines.opensearch.url };
      const { versions, behind, documents } = await compareRecordAndIndex(stack, urls);
      expect({ behind, documents }).toEqual({ behind: 0, documents: versions });
      expect(await lockers.find(7)).toBe("found");
    },
    400_000,
  );
});
