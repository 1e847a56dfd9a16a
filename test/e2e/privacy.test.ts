import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commandLines, leaked, leakedInLogs, type Secrets, secretsOf } from "../harness/secrets.ts";
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

describe("the stack's secrets stay out of the operators' view", () => {
  let secrets: Secrets;
  beforeAll(async () => {
    const { url, tenant } = sharedStack();
    secrets = await secretsOf(sharedStack());
    // Calls that go wrong are where one would be told.
    const wrong = [
      `Bearer ${tenant.apiKey}x`,
      `Basic ${tenant.apiKey}`,
      tenant.apiKey,
      `Bearer ${tenant.apiKey}`,
    ];
    for (const authorization of wrong) {
      const headers = { authorization, "content-type": "application/json" };
      const path = `/mneme.search.v1.SearchService/Search?key=${tenant.apiKey}`;
      await fetch(url + path, { method: "POST", headers, body: "{" }).then((answer) => answer.text());
    }
  });

  it("in command lines", async () => {
    const [name, secret] = [...secrets][0] ?? ["", ""];
    const careless = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e9)", secret], {
      stdio: "ignore",
    });
    await once(careless, "spawn");
    const lines = await commandLines();
    careless.kill();
    // All of them are looked at: the careless one is found, and those of the stack are there.
    expect(leaked(lines.get(careless.pid ?? 0) ?? "", secrets)).toEqual([name]);
    const all = [...lines.values()].join("\n");
    for (const part of [
      "services/api/main.ts",
      "workflows/worker.ts",
      "postgres",
      "opensearch",
      "temporal",
    ]) {
      expect(all).toContain(part);
    }
    const others = [...lines].filter(([id]) => id !== careless.pid);
    expect(others.filter(([, line]) => leaked(line, secrets).length > 0)).toEqual([]);
  });

  it("in logs and metrics", async () => {
    const { logFolder, apiMetricsUrl, workerMetricsUrl } = sharedStack();
    expect(await leakedInLogs(logFolder, secrets)).toEqual([]);
    for (const url of [apiMetricsUrl, workerMetricsUrl]) {
      expect(leaked(await (await fetch(url)).text(), secrets), url).toEqual([]);
    }
  });
});
