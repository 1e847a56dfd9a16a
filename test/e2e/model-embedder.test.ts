import { type Reply, replies } from "@mneme/models/testing/replies.ts";
import { type AddResult, ExtractionFailedError, type MemoryScope, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCounter } from "../harness/counter.ts";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";
import { ScriptedModel } from "../harness/scripted-model.ts";

const WAIT = { timeoutMs: 240_000 };
/** Not the embedded model's: what the index has must come from the setting. */
const DIMENSION = 96;

describe("embedding by a model server", () => {
  let model: ScriptedModel;
  let stack: OwnStack;
  let mneme: Mneme;

  beforeAll(async () => {
    model = await ScriptedModel.start(DIMENSION);
    stack = await startOwnStack("model-embedder", {
      MNEME_EMBEDDER: "openai",
      MNEME_EMBEDDER_URL: model.url,
      MNEME_EMBEDDER_MODEL: "scripted-embedder",
      MNEME_EMBEDDER_DIMENSION: String(DIMENSION),
    });
    mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
  }, 240_000);
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
  }, 120_000);

  const add = (user: MemoryScope, text: string) => user.add(text, { name: "Jun" });
  const foundBy = async (user: MemoryScope, query: string) => {
    const { hits, degraded } = await user.search(query);
    return { texts: hits.map(({ memory }) => memory.text), degraded: degraded.map(({ part }) => part), hits };
  };

  async function reasonOf({ extractionId }: AddResult): Promise<string | undefined> {
    const outcome: unknown = await mneme.waitFor(extractionId, WAIT).catch((error) => error);
    if (!(outcome instanceof ExtractionFailedError))
      throw new Error("expected a failure", { cause: outcome });
    return (await mneme.extractions.get(extractionId)).failure?.reason;
  }

  /** Each is in the record once, and found by the index once. */
  async function expectOnce(user: MemoryScope, words: readonly string[]): Promise<void> {
    const texts = (await Array.fromAsync(user.list())).map(({ text }) => text);
    expect(texts).toHaveLength(words.length);
    for (const word of words) {
      expect(texts.filter((text) => text.includes(word))).toHaveLength(1);
      const found = await foundBy(user, `What about the ${word}?`);
      expect(found.degraded).toEqual([]);
      expect(found.texts.filter((text) => text.includes(word))).toHaveLength(1);
    }
  }

  it("makes memories searchable by its vectors", async () => {
    const user = mneme.user("normal");
    for (const text of ["I play the tuba.", "I grow tulips.", "I fear thunder."]) await add(user, text);
    await user.add("I study glaciers.", { name: "Jun", waitFor: "searchable" });
    const { hits, degraded } = await foundBy(user, "Who grows tulips?");
    expect(degraded).toEqual([]);
    expect(hits[0]?.memory.text).toContain("tulips");
    expect(hits[0]?.parts.similarity).toBeGreaterThan(0);
    expect(hits[0]?.memory.provenance?.embeddingModel).toBe("scripted-embedder");
    expect(model.requests("embeddings", "tulips").map(({ body }) => body.model)).toEqual(
      expect.arrayContaining(["scripted-embedder", "scripted-embedder"]),
    );
  });

  it("tells by the metrics of both processes what that took", async () => {
    const { api, worker } = stack.processes;
    const counted = (url: string) => readCounter(url, "mneme_model_calls_total");
    const before = { api: await counted(api.metricsUrl), worker: await counted(worker.metricsUrl) };
    const user = mneme.user("counted");
    await user.add("I collect barometers.", { name: "Jun", waitFor: "searchable" });
    await user.search("Who collects barometers?");
    expect(await counted(worker.metricsUrl)).toBeGreaterThan(before.worker);
    expect(await counted(api.metricsUrl)).toBe(before.api + 1);
    expect(await readCounter(api.metricsUrl, "mneme_model_tokens_total")).toBeGreaterThan(0);
    const text = await (await fetch(api.metricsUrl)).text();
    expect(text).toMatch(/mneme_model_calls_total\{model="scripted-embedder",purpose="embed"\} \d/);
    expect(text).not.toContain(stack.tenant.tenantId);
  });

  it.concurrent.each<[string, () => Reply, string]>([
    [
      "another dimension",
      () => replies.vectors([new Float32Array(7).fill(1)]),
      "EMBEDDING_DIMENSION_MISMATCH",
    ],
    ["no direction", () => replies.vectors([new Float32Array(DIMENSION)]), "MODEL_OUTPUT_INVALID"],
    ["a web page", replies.html, "MODEL_OUTPUT_INVALID"],
    ["429 for ever", () => replies.rateLimited(1), "MODEL_RATE_LIMITED"],
    ["a key that is refused", () => replies.status(403), "MODEL_CREDENTIALS_REFUSED"],
  ])(
    "%s fails the extraction, lets others pass, loses nothing",
    async (what, reply, reason) => {
      const word = `${what.replaceAll(/\W/g, "").toLowerCase()}fruit`;
      model.misbehave(word, reply);
      const user = mneme.user(`fails ${what}`);
      const before = await add(user, "I play the tuba.");
      const poison = await add(user, `I grow ${word} in pots.`);
      const after = await add(user, "I fear thunder.");
      const other = await add(mneme.user(`beside ${what}`), "I study glaciers.");
      expect(await reasonOf(poison)).toBe(reason);
      await mneme.waitFor([before, after, other], WAIT);
      model.heal(word);
      await mneme.extractions.retry(poison.extractionId);
      await mneme.waitFor(poison, WAIT);
      await expectOnce(user, ["tuba", word, "thunder"]);
    },
    300_000,
  );

  it("tries again what failed once", async () => {
    const answers = [replies.status(500)];
    model.misbehave("sextant", () => answers.shift());
    const user = mneme.user("once");
    const added = await add(user, "I own a sextant.");
    expect(await mneme.waitFor(added, WAIT)).toMatchObject({
      attempts: 1,
      failure: {
        reason: "MODEL_SERVER_FAILED",
        message: expect.stringMatching(/^the embedder's model server failed:.*broke$/),
      },
    });
    await expectOnce(user, ["sextant"]);
  }, 300_000);

  it.each<[string, () => Reply]>([
    ["answers with another dimension", () => replies.vectors([new Float32Array(7).fill(1)])],
    ["does not answer in time", replies.hang],
    ["limits our rate", () => replies.rateLimited(60)],
    ["refuses our key", () => replies.status(401)],
    ["breaks", () => replies.status(500)],
  ])("a search goes by keywords where it %s, and says so", async (what, reply) => {
    const user = mneme.user("keywords");
    await user.add("I repair sundials.", { name: "Jun", waitFor: "searchable" });
    // Vectors of known queries are kept: every query is a new one.
    const word = `ask${what.replaceAll(/\W/g, "")}`;
    model.misbehave(word, reply);
    const found = await foundBy(user, `Who repairs sundials, ${word}?`);
    expect(found.degraded).toEqual(["embedder"]);
    expect(found.texts.filter((text) => text.includes("sundials"))).toHaveLength(1);
    const context = await user.context(`Which sundials, ${word}?`);
    expect(context.degraded.map(({ part }) => part)).toEqual(["embedder"]);
    expect(context.text).toContain("sundials");
    model.heal(word);
    expect((await foundBy(user, `Who repairs sundials, ${word}?`)).degraded).toEqual([]);
  });

  it("is waited for while it is down", async () => {
    const user = mneme.user("down");
    await user.add("I keep llamas.", { name: "Jun", waitFor: "searchable" });
    const outages = () => readCounter(stack.processes.worker.metricsUrl, "mneme_activity_outages_total");
    const before = await outages();
    await model.stop();
    const accepted = [await add(user, "I brew cider."), await add(user, "I bind books.")];
    const found = await foundBy(user, "Who keeps llamas?");
    expect(found).toMatchObject({ degraded: ["embedder"], texts: [expect.stringContaining("llamas")] });
    await expect.poll(outages, { timeout: 120_000, interval: 250 }).toBeGreaterThan(before + 3);
    for (const { extractionId } of accepted)
      expect(["queued", "running"]).toContain((await mneme.extractions.get(extractionId)).state);
    await model.resume();
    await mneme.waitFor(accepted, WAIT);
    await expectOnce(user, ["llamas", "cider", "books"]);
  }, 300_000);
});
