import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

/** Rare words: what a person says, is called and is known by outside. */
const SAID = "quokkaberry";
const NAME = "Zebulonia";
const USER = "thistledown@example.com";

describe("what a person says stays out of the operators' view", () => {
  let mneme: Mneme;
  let tenantId: string;
  beforeAll(async () => {
    const tenant = await provisionSharedTenant("privacy");
    tenantId = tenant.tenantId;
    mneme = new Mneme({ url: sharedStack().url, apiKey: tenant.apiKey });
    await mneme.user(USER).add(`I grow ${SAID} bushes in Ghent.`, { name: NAME, waitFor: "searchable" });
    await mneme.user(USER).search(`Who grows ${SAID}?`);
    await mneme.memories.get(crypto.randomUUID()).catch(() => undefined);
  });
  afterAll(() => mneme?.[Symbol.asyncDispose]());

  const planted = new RegExp(`${SAID}|${NAME}|thistledown`, "i");

  /** What of this suite's calls the api's log tells so far: its lines are gathered before they are written. */
  async function loggedMethods(): Promise<string[]> {
    const text = await readFile(join(sharedStack().logFolder, "api.log"), "utf8");
    const lines = text.split("\n").filter((line) => line.includes(tenantId));
    return lines.map((line) => /"method":"(\w+)"/.exec(line)?.[1] ?? "");
  }

  it("in logs", async () => {
    const { logFolder } = sharedStack();
    const called = ["AddMessages", "Search", "GetMemory"];
    await expect.poll(loggedMethods, { timeout: 10_000 }).toEqual(expect.arrayContaining(called));
    for (const file of await readdir(logFolder)) {
      expect(await readFile(join(logFolder, file), "utf8"), file).not.toMatch(planted);
    }
  });

  it("in metrics", async () => {
    const { apiMetricsUrl, workerMetricsUrl } = sharedStack();
    for (const url of [apiMetricsUrl, workerMetricsUrl]) {
      expect(await (await fetch(url)).text(), url).not.toMatch(planted);
    }
  });
});
