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
  beforeAll(async () => {
    const { url } = sharedStack();
    mneme = new Mneme({ url, apiKey: (await provisionSharedTenant("privacy")).apiKey });
    await mneme.user(USER).add(`I grow ${SAID} bushes in Ghent.`, { name: NAME, waitFor: "searchable" });
    await mneme.user(USER).search(`Who grows ${SAID}?`);
    await mneme.memories.get(crypto.randomUUID()).catch(() => undefined);
  });
  afterAll(() => mneme?.[Symbol.asyncDispose]());

  const planted = new RegExp(`${SAID}|${NAME}|thistledown`, "i");

  it("in logs", async () => {
    const { logFolder } = sharedStack();
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
