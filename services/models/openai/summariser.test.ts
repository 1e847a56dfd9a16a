import { episodeOf } from "@mneme/core/consolidation/episode-testing.ts";
import { wordSummary } from "@mneme/core/consolidation/word-summary.ts";
import type { ModelSpending } from "@mneme/core/cost/model-spending.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Reply, replies } from "../testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "../testing/scripted-server.ts";
import { createOpenAiSummariser, createOpenAiSummarisers } from "./summariser.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedOpenAi();
});
afterEach(() => server[Symbol.asyncDispose]());

const EPISODES = [
  episodeOf("Ada went swimming with Bo on 3 March 2026.", "2026-03-03"),
  episodeOf("Ada saw herons on 10 March 2026.", "2026-03-10"),
];
const BY_RULES = "Ada went swimming with Bo on 3 March 2026. Ada saw herons on 10 March 2026.";
const SENTENCES = [
  { text: "Ada went swimming with Bo on 3 March 2026 and saw herons on 10 March 2026.", episodes: [1, 2] },
];
const STREAM = { projectId: "p", streamId: "s", subject: undefined };

const summariser = () =>
  createOpenAiSummariser({ baseUrl: server.baseUrl, model: "wordy", timeoutMs: 5_000 });

function worded(reply: Reply, spending?: Parameters<typeof wordSummary>[3]["spending"]) {
  server.next("chat", reply);
  const wording = { summariser: summariser(), spending, language: undefined };
  return wordSummary("t", STREAM, EPISODES, wording, undefined);
}

describe("a summary by a model", () => {
  it("is what its tool call says, and says which prompt asked", async () => {
    expect(await worded(replies.calls(["tell", { sentences: SENTENCES }]))).toEqual({
      text: SENTENCES[0]?.text,
      extractor: { name: "wordy", version: expect.stringMatching(/^v1-[0-9a-f]{12}$/) },
      rule: expect.stringMatching(/^model:wordy\/v1-[0-9a-f]{12}$/),
    });
  });

  it("is asked for without any id: episodes are numbers", async () => {
    await worded(replies.calls(["tell", { sentences: SENTENCES }]));
    const [request] = server.requests;
    const asked = JSON.stringify(request?.body.messages);
    for (const { memoryId } of EPISODES) expect(asked).not.toContain(memoryId);
    expect(request?.body.messages[1].content).toBe(
      EPISODES.map(({ text, validFrom }, i) =>
        JSON.stringify({ episode: i + 1, day: validFrom.toISOString().slice(0, 10), text }),
      ).join("\n"),
    );
  });

  it.each<[string, Reply]>([
    [
      "invents a name",
      replies.calls(["tell", { sentences: [{ text: "Ada went swimming with Carla.", episodes: [1, 2] }] }]),
    ],
    [
      "cites an episode that there is not",
      replies.calls(["tell", { sentences: [{ text: "Ada saw herons.", episodes: [1, 2, 3] }] }]),
    ],
    ["leaves one out", replies.calls(["tell", { sentences: [{ text: "Ada saw herons.", episodes: [2] }] }])],
    ["calls nothing", replies.prose()],
    ["calls with no JSON", replies.calls(["tell", "{"])],
    ["has no choice", replies.noChoices()],
    ["refuses", replies.refusal()],
    ["refuses the request", replies.status(400)],
  ])("gives way to the episodes' own words where the model %s", async (_, reply) => {
    expect(await worded(reply)).toMatchObject({ text: BY_RULES, extractor: { name: "consolidate" } });
  });

  it("gives way where the budget is spent, and asks nothing then", async () => {
    const spent = new MnemeError("resource_exhausted", "BUDGET_EXCEEDED", "spent");
    const spending = { note: () => undefined, run: () => Promise.reject(spent) };
    expect(await worded(replies.prose(), spending)).toMatchObject({ text: BY_RULES });
    expect(server.requests).toEqual([]);
  });

  it("waits for a server that is away or asks to wait", async () => {
    await expect(worded(replies.status(503))).rejects.toBeInstanceOf(MnemeError);
    await expect(worded(replies.rateLimited())).rejects.toMatchObject({ reason: "MODEL_RATE_LIMITED" });
  });

  it("is counted as what it is for", async () => {
    const bills: unknown[] = [];
    const spending: ModelSpending = {
      note: () => undefined,
      run: async (bill, most, request) => {
        bills.push([bill, most.output > 0]);
        return (await request()).value;
      },
    };
    await worded(replies.calls(["tell", { sentences: SENTENCES }]), spending);
    expect(bills).toMatchObject([[{ tenantId: "t", model: "wordy", purpose: "summarise" }, true]]);
  });
});

it("is of the model that a project names, the deployment's, or none", () => {
  const options = { baseUrl: server.baseUrl, model: "wordy", projectModels: ["wordier"] };
  const chosen = createOpenAiSummarisers(options);
  expect(chosen({})?.name).toBe("wordy");
  expect(chosen({ models: { consolidateModel: "wordier" } })?.name).toBe("wordier");
  expect(createOpenAiSummarisers({ ...options, model: undefined })({})).toBeUndefined();
});
