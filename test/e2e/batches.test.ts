import { type ScriptedServer, startScriptedOpenAi } from "@mneme/models/testing/scripted-server.ts";
import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCounter } from "../harness/counter.ts";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";

const WAIT = { timeoutMs: 120_000 };
const POLL = { timeout: 60_000 };

describe("conversations that may wait", () => {
  let model: ScriptedServer;
  let stack: OwnStack;
  let mneme: Mneme;

  beforeAll(async () => {
    model = await startScriptedOpenAi({ takesBatches: true });
    model.batches.isQuick = true;
    stack = await startOwnStack("batches", {
      MNEME_EXTRACTOR: "openai",
      MNEME_EXTRACTOR_URL: model.baseUrl,
      MNEME_EXTRACTOR_MODEL: "scripted-llm",
      MNEME_BATCH_WAIT_SECONDS: "0",
    });
    mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
    await mneme.tenant.update({ settings: { models: { batch: "bulk" } } });
  }, 240_000);
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
  }, 120_000);

  it("are read in a batch, found like all others, and told apart in what was used", async () => {
    const user = mneme.user("otto");
    const bulk = await user.add("I restore old violins.", { name: "Otto", processing: "bulk" });
    expect(bulk.extraction).toMatchObject({ processing: "bulk", directReason: undefined });
    const done = await mneme.waitFor(bulk, WAIT);
    expect(done).toMatchObject({
      state: "searchable",
      processing: "bulk",
      directReason: undefined,
      attempts: 0,
    });
    const { hits } = await user.search("Who restores violins?");
    expect(hits[0]?.memory).toMatchObject({
      text: "Otto said: I restore old violins.",
      provenance: { extractor: "scripted-llm" },
    });
    expect(model.requests.filter(({ endpoint }) => endpoint === "chat")).toEqual([]);
    expect(model.batches.lines).toHaveLength(1);
    await expect.poll(() => model.batches.files.size, POLL).toBe(0);
    const used = () => mneme.usage.list().toArray();
    await expect.poll(used, POLL).toMatchObject([{ purpose: "extract_batch", calls: 1 }]);
    const { metricsUrl } = stack.processes.worker;
    expect(await readCounter(metricsUrl, "mneme_model_batch_requests_total")).toBe(1);
  }, 240_000);

  it("say at once that they wait, where a call waits for them", async () => {
    model.batches.isQuick = false;
    model.batches.endsAs = undefined;
    const added = await mneme
      .user("pia")
      .add("I grow tulips.", { processing: "bulk", waitFor: "searchable", ...WAIT });
    expect(added).toMatchObject({ waitExpired: true, extraction: { waiting: { cause: "batch" } } });
  }, 240_000);
});
