import type { Limits } from "@mneme/core/tenancy/limits.ts";
import { Mneme, MnemeError, type Limits as MnemeLimits } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCounter } from "../harness/counter.ts";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";
import { ScriptedModel } from "../harness/scripted-model.ts";

const WAIT = { timeoutMs: 240_000 };

/** Two api processes on one record, and a worker that reads with a model's server. */
describe("limits over two replicas", () => {
  let model: ScriptedModel;
  let stack: OwnStack;
  let urls: readonly string[];
  const clients: Mneme[] = [];

  beforeAll(async () => {
    model = await ScriptedModel.start();
    stack = await startOwnStack("limits", {
      MNEME_EXTRACTOR: "openai",
      MNEME_EXTRACTOR_URL: model.url,
      MNEME_EXTRACTOR_MODEL: "scripted",
      MNEME_LIMIT_MESSAGES_PER_DAY: "400",
    });
    urls = [stack.processes.api.url, (await stack.startApi()).url];
  }, 300_000);
  afterAll(async () => {
    for (const client of clients) await client[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
  }, 120_000);

  /** A tenant of its own, by each of the replicas. */
  async function tenant(limits: Limits): Promise<[Mneme, Mneme, string]> {
    const { tenantId, apiKey } = await stack.record.provision();
    await stack.record.admin.query("update mneme.tenants set limits = $2 where id = $1", [tenantId, limits]);
    return [clientOf(apiKey, 0), clientOf(apiKey, 1), tenantId];
  }

  function clientOf(apiKey: string, replica: 0 | 1): Mneme {
    const made = new Mneme({ url: urls[replica] as string, apiKey, retries: 0 });
    clients.push(made);
    return made;
  }

  /** A key of its own, by the second replica. */
  async function keyOf(admin: Mneme, name: string, limits: MnemeLimits): Promise<[Mneme, string]> {
    const { apiKey, secret } = await admin.apiKeys.create(name, { roles: ["reader", "writer"], limits });
    return [clientOf(secret ?? "", 1), apiKey.id];
  }

  const reasonOf = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => {
        if (!(error instanceof MnemeError)) throw error;
        return { reason: error.reason, ...error.metadata };
      },
    );

  /** @returns how many of the calls passed; all others were refused with that. */
  async function passed(calls: readonly Promise<unknown>[], refusal: object): Promise<number> {
    const reasons = await Promise.all(calls.map(reasonOf));
    const refused = reasons.filter((reason) => reason !== undefined);
    for (const reason of refused) expect(reason).toMatchObject(refusal);
    return reasons.length - refused.length;
  }

  it("lets a burst pass once, whichever replica is asked", async () => {
    const [one, other] = await tenant({ requestsPerSecond: 0.1, burst: 6 });
    const both = [one, other];
    const calls = Array.from(
      { length: 16 },
      (_, i) => both[i % 2]?.user("ada").search("tea") as Promise<unknown>,
    );
    expect(await passed(calls, { reason: "RATE_LIMITED", scope: "tenant" })).toBe(6);
    expect(await readCounter(stack.processes.api.metricsUrl, "mneme_api_limited_total")).toBeGreaterThan(0);
  });

  it("tries again by itself when the server said that it may", async () => {
    const { tenantId, apiKey } = await stack.record.provision();
    await stack.record.admin.query("update mneme.tenants set limits = $2 where id = $1", [
      tenantId,
      { requestsPerSecond: 2, burst: 1 },
    ]);
    const waits: number[] = [];
    const onRetry = ({ delayMs }: { readonly delayMs: number }) => void waits.push(delayMs);
    const patient = new Mneme({ url: urls[0] as string, apiKey, onRetry });
    clients.push(patient);
    for (let i = 0; i < 3; i += 1) await patient.user("ada").search("tea");
    expect(waits.length).toBeGreaterThan(0);
  });

  it("takes a day's messages and no more, adds and imports together, a repeated one once", async () => {
    const [one, other] = await tenant({ messagesPerDay: 9 });
    const ada = [one, other].map((mneme) => mneme.user("ada"));
    const again = { requestId: "the-same" };
    await ada[0]?.add("I moved to Lisbon.", again);
    await ada[1]?.add("I moved to Lisbon.", again);
    await ada[1]?.import([{ text: "Ada rows." }, { text: "Ada sings." }]);
    const adds = Array.from(
      { length: 10 },
      (_, i) => ada[i % 2]?.add(`I saw boat ${i}.`) as Promise<unknown>,
    );
    const refusal = { reason: "QUOTA_EXCEEDED", quota: "messages_per_day", limit: "9", scope: "tenant" };
    expect(await passed(adds, refusal)).toBe(6);
    const { hits } = (await ada[0]?.search("Lisbon")) ?? {};
    expect(hits).toBeDefined();
  });

  it("holds tenants without limits of their own to the deployment's", async () => {
    const [mneme] = await tenant({});
    const drafts = Array.from({ length: 401 }, (_, i) => ({ text: `Ada owns boat ${i}.` }));
    expect(await reasonOf(mneme.user("ada").import(drafts))).toMatchObject({
      reason: "QUOTA_EXCEEDED",
      quota: "messages_per_day",
      limit: "400",
    });
  });

  it("takes no more memories than may be held, until some are deleted", async () => {
    const [mneme, other] = await tenant({ memories: 3 });
    const ada = mneme.user("ada");
    await mneme.waitFor(
      await ada.import(["Ada rows.", "Ada sings.", "Ada paints."].map((text) => ({ text }))),
      WAIT,
    );
    const adding = () => reasonOf(other.user("ada").add("I moved to Lisbon."));
    await expect.poll(adding, { timeout: 10_000 }).toMatchObject({ quota: "memories", limit: "3" });
    const [first] = await Array.fromAsync(ada.list());
    await mneme.memories.delete(first?.id ?? "");
    await expect.poll(adding, { timeout: 10_000, interval: 500 }).toBeUndefined();
  });

  it("takes nothing that a model must read once a month's tokens are spent, and works what it took", async () => {
    const [mneme, other, tenantId] = await tenant({ modelTokensPerMonth: 100 });
    await mneme.waitFor(await mneme.user("ada").add("I moved to Lisbon.", { name: "Ada" }), WAIT);
    const adding = () => reasonOf(other.user("ada").add("I play the tuba."));
    await expect
      .poll(adding, { timeout: 30_000, interval: 500 })
      .toMatchObject({ reason: "QUOTA_EXCEEDED", quota: "model_tokens_per_month", limit: "100" });
    // These no model reads.
    await mneme.waitFor(await mneme.user("ada").import([{ text: "Ada rows." }]), WAIT);
    // Nor what a project's rules read.
    await stack.record.admin.query("update mneme.tenants set settings = $2 where id = $1", [
      tenantId,
      { models: { extractor: "embedded" } },
    ]);
    await expect.poll(adding, { timeout: 10_000, interval: 500 }).toBeUndefined();
  }, 300_000);

  it("holds a key to its own memories, and those of what replaced it, while another of its project goes on", async () => {
    const [admin] = await tenant({});
    const [robot, id] = await keyOf(admin, "robot", { memories: 3 });
    const [other] = await keyOf(admin, "other", { memories: 3 });
    const drafts = ["Ada rows.", "Ada sings.", "Ada paints."].map((text) => ({ text }));
    await admin.waitFor(await robot.user("ada").import(drafts), WAIT);
    const refusal = { reason: "QUOTA_EXCEEDED", quota: "memories", limit: "3", scope: "api_key" };
    const adding = (mneme: Mneme) => () => reasonOf(mneme.user("ada").import([{ text: "Ada knits." }]));
    await expect.poll(adding(robot), { timeout: 10_000 }).toMatchObject(refusal);
    const { secret } = await admin.apiKeys.rotate(id);
    const successor = clientOf(secret ?? "", 0);
    expect(await adding(successor)()).toMatchObject(refusal);
    await admin.waitFor(await other.user("ada").import([{ text: "Ada cooks." }]), WAIT);
    const held = await Array.fromAsync(admin.user("ada").list());
    await admin.memories.delete(held.find(({ text }) => text === "Ada rows.")?.id ?? "");
    await expect.poll(adding(successor), { timeout: 10_000, interval: 500 }).toBeUndefined();
    await expect.poll(adding(robot), { timeout: 10_000, interval: 500 }).toMatchObject(refusal);
  }, 300_000);

  it("holds a key to its own models' tokens of a month, while another of its project goes on", async () => {
    const [admin] = await tenant({});
    const [robot] = await keyOf(admin, "robot", { modelTokensPerMonth: 100 });
    const [other] = await keyOf(admin, "other", { modelTokensPerMonth: 100_000 });
    const said = () => robot.user("ada").add("I moved to Lisbon.", { name: "Ada" });
    await admin.waitFor(await said(), WAIT);
    await expect
      .poll(() => reasonOf(said()), { timeout: 30_000, interval: 500 })
      .toMatchObject({
        reason: "QUOTA_EXCEEDED",
        quota: "model_tokens_per_month",
        limit: "100",
        scope: "api_key",
      });
    await admin.waitFor(await other.user("ada").add("I play the tuba.", { name: "Ada" }), WAIT);
  }, 300_000);
});
