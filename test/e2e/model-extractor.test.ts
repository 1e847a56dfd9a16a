import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Reply, replies } from "@mneme/models/testing/replies.ts";
import { type AddResult, type Extraction, ExtractionFailedError, type MemoryScope, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCounter } from "../harness/counter.ts";
import { type OwnStack, startOwnStack } from "../harness/own-stack.ts";
import { ScriptedModel } from "../harness/scripted-model.ts";

const WAIT = { timeoutMs: 240_000 };
/** Rare words that only the model and its messages know. */
const SECRET = "gooseberryfool";

describe("extraction by a language model", () => {
  let model: ScriptedModel;
  let stack: OwnStack;
  let mneme: Mneme;

  beforeAll(async () => {
    model = await ScriptedModel.start();
    stack = await startOwnStack("model-extractor", {
      MNEME_EXTRACTOR: "openai",
      MNEME_EXTRACTOR_URL: model.url,
      MNEME_EXTRACTOR_MODEL: "scripted-llm",
      MNEME_EXTRACTOR_API_KEY: "sk-test",
      MNEME_EXTRACTOR_TIMEOUT_MS: "2000",
    });
    mneme = new Mneme({ url: stack.processes.api.url, apiKey: stack.tenant.apiKey });
  }, 240_000);
  afterAll(async () => {
    await mneme?.[Symbol.asyncDispose]();
    await stack?.[Symbol.asyncDispose]();
    await model?.[Symbol.asyncDispose]();
  }, 120_000);

  const add = (user: MemoryScope, text: string) => user.add(text, { name: "Ines" });

  async function failureOf({ extractionId }: AddResult): Promise<Extraction> {
    const outcome: unknown = await mneme.waitFor(extractionId, WAIT).catch((error) => error);
    if (outcome instanceof ExtractionFailedError) return mneme.extractions.get(extractionId);
    throw new Error("expected the extraction to fail", { cause: outcome });
  }

  /** Each text has become exactly one memory. */
  async function expectOnce(user: MemoryScope, texts: readonly string[]): Promise<void> {
    const memories = await Array.fromAsync(user.list());
    expect(memories.map(({ text }) => text).sort()).toEqual(texts.map((text) => `Ines said: ${text}`).sort());
  }

  it("keeps what the model said, with where it stands and who read it", async () => {
    const user = mneme.user("normal").session("first");
    const added = await user.add(
      [
        { role: "user", name: "Ines", text: "I restore old violins." },
        { role: "assistant", text: "How nice." },
        { role: "user", name: "Ines", text: "Thanks!" },
      ],
      { waitFor: "searchable" },
    );
    expect(added.extraction).toMatchObject({
      state: "searchable",
      counts: { added: 1, dropped: 2 },
      failure: undefined,
      extractor: expect.stringMatching(/^scripted-llm\/v1-[0-9a-f]{12}$/),
    });
    const { hits } = await user.search("Who restores violins?");
    expect(hits[0]?.memory).toMatchObject({
      text: "Ines said: I restore old violins.",
      sources: [{ messageId: added.messageIds[0], start: 0, text: "I restore old violins." }],
      provenance: {
        extractor: "scripted-llm",
        extractorVersion: expect.stringMatching(/^v1-/),
        extractionId: added.extractionId,
      },
    });
    const [first] = model.requests("chat", "violins");
    expect(first?.headers.authorization).toBe("Bearer sk-test");
    expect(first?.body).toMatchObject({ model: "scripted-llm", response_format: { type: "json_schema" } });

    await user.add("I also tune pianos.", { name: "Ines", waitFor: "searchable" });
    const prompt = model.requests("chat", "pianos")[0]?.body.messages.at(-1).content as string;
    expect(prompt).toContain("I restore old violins.");
    expect(prompt).toContain("1 messages were worked.");
  });

  it("asks once more for an answer that is broken JSON", async () => {
    const answers = [replies.brokenJson()];
    model.misbehave("kayak", () => answers.shift());
    const user = mneme.user("repaired");
    const added = await user.add("I own a kayak.", { name: "Ines", waitFor: "searchable" });
    expect(added.extraction).toMatchObject({ state: "searchable", attempts: 0, failure: undefined });
    const asked = model.requests("chat", "kayak");
    expect(asked.map(({ body }) => body.messages.length)).toEqual([2, 4]);
    await expectOnce(user, ["I own a kayak."]);
  });

  /** [what the model does, how, the reason, tries, what the operator is told to look to] */
  const failures: [string, () => Reply, string, number, string?][] = [
    ["broken JSON", replies.brokenJson, "MODEL_OUTPUT_INVALID", 3],
    ["nonsense", replies.nonsense, "MODEL_OUTPUT_INVALID", 3],
    ["prose", () => replies.text(`I would rather not talk about ${SECRET}.`), "MODEL_OUTPUT_INVALID", 3],
    ["no answer in time", replies.hang, "MODEL_TIMEOUT", 3],
    ["half an answer in time", replies.hangInBody, "MODEL_TIMEOUT", 3],
    ["429 with Retry-After", () => replies.rateLimited(1), "MODEL_RATE_LIMITED", 6],
    [
      "status 500",
      () => replies.status(500, `about ${SECRET}`),
      "MODEL_SERVER_FAILED",
      3,
      "the worker's log",
    ],
    // Tried in its batch, and once more alone to know which message it is.
    ["a refusal", replies.refusal, "MODEL_REFUSED", 2],
    ["a content filter", replies.contentFilter, "MODEL_REFUSED", 2],
    ["status 401", () => replies.status(401), "MODEL_CREDENTIALS_REFUSED", 2, "MNEME_EXTRACTOR_API_KEY"],
    ["status 404", () => replies.status(404), "MODEL_NOT_FOUND", 2, "MNEME_EXTRACTOR_MODEL"],
  ];
  it.concurrent.each(failures)(
    "%s fails the extraction with its reason, lets later adds pass, and can be revived",
    async (what, reply, reason, tries, look = "") => {
      const word = `${what.replaceAll(/\W/g, "").toLowerCase()}fruit`;
      const texts = ["I like tea.", `I like ${word} and ${SECRET}.`, "I like rain."] as const;
      model.misbehave(word, reply);
      const user = mneme.user(`fails ${what}`);
      const [before, poison, after] = [
        await add(user, texts[0]),
        await add(user, texts[1]),
        await add(user, texts[2]),
      ];
      const states: (string | undefined)[] = [];
      for await (const { state } of mneme.extractions.watch(poison.extractionId)) states.push(state);
      expect(states.at(-1)).toBe("failed");
      expect(states).not.toContain("extracted");
      const failed = await failureOf(poison);
      expect(failed).toMatchObject({ attempts: tries, memoryIds: [], failure: { reason } });
      expect(failed.failure?.message).not.toMatch(new RegExp(`${word}|${SECRET}`));
      expect(failed.failure?.message).toMatch(/^the extractor's model server .* RetryExtraction revives it$/);
      expect(failed.failure?.message).toContain(look);
      await mneme.waitFor([before, after], WAIT);
      await expectOnce(user, [texts[0], texts[2]]);
      const scope = { userId: `fails ${what}` };
      const dead = await Array.fromAsync(mneme.extractions.list({ scope, state: "failed" }));
      expect(dead.map(({ id }) => id)).toEqual([poison.extractionId]);

      model.heal(word);
      const revived = await mneme.extractions.retry(poison.extractionId);
      expect(revived).toMatchObject({ attempts: 0, failure: undefined });
      const done = await mneme.waitFor(poison, WAIT);
      expect(done).toMatchObject({ state: "searchable", counts: { added: 1 } });
      await expectOnce(user, texts);
      await expect(mneme.extractions.retry(poison.extractionId)).rejects.toMatchObject({
        reason: "EXTRACTION_NOT_FAILED",
      });
    },
    300_000,
  );

  it("fails again where it was revived too early", async () => {
    model.misbehave("anvil", replies.refusal);
    const user = mneme.user("early");
    const added = await add(user, "I own an anvil.");
    await failureOf(added);
    await mneme.extractions.retry(added.extractionId);
    expect(await failureOf(added)).toMatchObject({ failure: { reason: "MODEL_REFUSED" } });
    model.heal("anvil");
    await mneme.extractions.retry(added.extractionId);
    await mneme.waitFor(added, WAIT);
    await expectOnce(user, ["I own an anvil."]);
  }, 300_000);

  it("stores given statements without asking the model", async () => {
    const user = mneme.user("given");
    const { extraction } = await user.add("Ines owns a barometer.", { infer: false, waitFor: "searchable" });
    expect(extraction?.counts.added).toBe(1);
    expect(model.requests("chat", "barometer")).toEqual([]);
  });

  it("waits for a server that is down, without giving anything up", async () => {
    const outages = () => readCounter(stack.processes.worker.metricsUrl, "mneme_activity_outages_total");
    const before = await outages();
    await model.stop();
    const users = ["waits one", "waits two"].map((id) => mneme.user(id));
    const texts = ["I collect stamps.", "I collect coins."];
    const accepted: AddResult[] = [];
    for (const user of users) for (const text of texts) accepted.push(await add(user, text));
    // More often than a message is tried that the model fails on.
    await expect.poll(outages, { timeout: 120_000, interval: 250 }).toBeGreaterThan(before + 3);
    for (const { extractionId } of accepted) {
      const { state, attempts } = await mneme.extractions.get(extractionId);
      expect(["queued", "running"]).toContain(state);
      expect(attempts).toBe(0);
    }
    await model.resume();
    await mneme.waitFor(accepted, WAIT);
    for (const user of users) await expectOnce(user, texts);
  }, 300_000);

  it("leaves no word of anybody in the logs", async () => {
    const planted = new RegExp(`${SECRET}|fruit|violins|Ines`, "i");
    for (const name of ["api.log", "worker.log"]) {
      const lines = (await readFile(join(stack.logFolder, name), "utf8")).split("\n");
      expect(lines.length).toBeGreaterThan(1);
      expect(lines.filter((line) => planted.test(line))).toEqual([]);
    }
  });
});
