import type { ReconcileQuestion } from "@mneme/core/extraction/reconciler.ts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { replies, type ScriptedCall } from "../testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "../testing/scripted-server.ts";
import { createOpenAiReconciler, createOpenAiReconcilers } from "./reconciler.ts";

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedOpenAi();
});
afterEach(() => server[Symbol.asyncDispose]());

const saidAt = new Date("2026-05-10T10:00:00Z");
const told = (text: string) => ({ text, by: "ada", saidAt });
const QUESTION: ReconcileQuestion = {
  statements: [told("Ada moved to Munich."), told("Ada rows.")],
  known: [told("Ada lives in Berlin."), told("Ada sings.")],
};

function reconciler() {
  return createOpenAiReconciler({ baseUrl: server.baseUrl, model: "strong", timeoutMs: 5_000 });
}

async function verdictsOf(...calls: readonly ScriptedCall[]) {
  // Whatever is missing is asked for once more, and not answered then either.
  server.next("chat", replies.calls(...calls), replies.calls());
  return await reconciler().reconcile(QUESTION, {});
}

test("what was answered before is not asked again, both rounds of it", async () => {
  const kept = new Map<string, string>();
  const answers = {
    find: async (asked: string) => kept.get(asked),
    keep: async (asked: string, answer: string) => void kept.set(asked, answer),
  };
  server.next(
    "chat",
    replies.calls(["add", { statement: 1 }]),
    replies.calls(["confirm", { statement: 2, memory: 2 }]),
  );
  const first = await reconciler().reconcile(QUESTION, { answers });
  expect(await reconciler().reconcile(QUESTION, { answers })).toEqual(first);
  expect(first).toEqual([{ outcome: "add" }, { outcome: "confirm", known: 1 }]);
  expect(server.requests).toHaveLength(2);
  // Another question is another answer.
  server.next("chat", replies.calls(["add", { statement: 1 }], ["add", { statement: 2 }]));
  const other = { ...QUESTION, known: QUESTION.known.slice(1) };
  expect(await reconciler().reconcile(other, { answers })).toEqual([{ outcome: "add" }, { outcome: "add" }]);
});

describe("what a model decides by calling tools", () => {
  test("is one verdict a statement, by the numbers that it was shown", async () => {
    const verdicts = await verdictsOf(
      ["supersede", { statement: 1, memories: [1] }],
      ["add", { statement: 2 }],
    );
    expect(verdicts).toEqual([{ outcome: "supersede", known: [0] }, { outcome: "add" }]);
    expect(server.requests).toHaveLength(1);
  });

  test("may be anything that the tools say", async () => {
    expect(
      await verdictsOf(
        ["update", { statement: 1, memory: 1, text: "Ada moved to\nMunich." }],
        ["ignore", { statement: 2 }],
      ),
    ).toEqual([{ outcome: "update", known: 0, text: "Ada moved to Munich." }, { outcome: "ignore" }]);
    expect(
      await verdictsOf(["forget", { statement: 1, memories: [] }], ["confirm", { statement: 2, memory: 2 }]),
    ).toEqual([
      { outcome: "forget", known: [] },
      { outcome: "confirm", known: 1 },
    ]);
  });

  test.each<[string, ScriptedCall]>([
    ["a statement that it was not shown", ["add", { statement: 3 }]],
    ["a memory that it was not shown", ["confirm", { statement: 1, memory: 3 }]],
    ["one memory of several", ["supersede", { statement: 1, memories: [1, 9] }]],
    ["a supersession of nothing", ["supersede", { statement: 1, memories: [] }]],
    ["an id where a number belongs", ["confirm", { statement: 1, memory: "0190-abc" }]],
    ["a tool that there is not", ["erase", { statement: 1 }]],
    ["no JSON", ["add", "{statement: one"]],
  ])("counts for nothing where it is %s", async (_, call) => {
    expect(await verdictsOf(call, ["add", { statement: 2 }])).toEqual([undefined, { outcome: "add" }]);
  });

  test("is the first of two, but all memories that it supersedes", async () => {
    expect(
      await verdictsOf(
        ["supersede", { statement: 1, memories: [1] }],
        ["supersede", { statement: 1, memories: [2] }],
        ["add", { statement: 2 }],
        ["confirm", { statement: 2, memory: 1 }],
      ),
    ).toEqual([{ outcome: "supersede", known: [0, 1] }, { outcome: "add" }]);
  });

  test("is asked for once more where it is missing, by its number", async () => {
    server.next(
      "chat",
      replies.calls(["add", { statement: 2 }]),
      replies.calls(["confirm", { statement: 1, memory: 1 }]),
    );
    expect(await reconciler().reconcile(QUESTION, {})).toEqual([
      { outcome: "confirm", known: 0 },
      { outcome: "add" },
    ]);
    expect(server.requests[1]?.body.messages.at(-1).content).toContain("Statements 1 have");
  });
});

test("the model sees no id, each line as one JSON string, and must call a tool", async () => {
  server.next("chat", replies.calls(["add", { statement: 1 }]));
  const text = 'Ada said:\nNew:\n{"statement": 2}';
  await reconciler().reconcile({ statements: [told(text)], known: [] }, {});
  const { messages, tools, tool_choice } = server.requests[0]?.body ?? {};
  expect(messages[1].content).toBe(
    `Known:\n(none)\n\nNew:\n${JSON.stringify({ statement: 1, said_at: "2026-05-10", by: "ada", text })}`,
  );
  expect(tool_choice).toBe("required");
  expect(tools.map((tool: { function: { name: string } }) => tool.function.name)).toEqual([
    "add",
    "update",
    "supersede",
    "correct",
    "confirm",
    "forget",
    "ignore",
  ]);
});

test("nothing is asked where nothing was said", async () => {
  expect(await reconciler().reconcile({ statements: [], known: [] }, {})).toEqual([]);
  expect(server.requests).toHaveLength(0);
});

test.each([
  ["a refusal", replies.refusal(), "MODEL_REFUSED"],
  ["an answer without a choice", replies.noChoices(), "MODEL_OUTPUT_INVALID"],
  ["a server that is busy", replies.rateLimited(), "MODEL_RATE_LIMITED"],
])("%s is said, and not a word of the statements", async (_, reply, reason) => {
  server.next("chat", reply);
  const error = await reconciler()
    .reconcile(QUESTION, {})
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason });
  expect(JSON.stringify(error) + String(error)).not.toMatch(/Munich|Berlin/);
});

test("a project is served by the model that it names, the deployment's, or none", () => {
  const of = (model: string | undefined, reconcileModel?: string) =>
    createOpenAiReconcilers({ baseUrl: server.baseUrl, model, projectModels: ["small"] })({
      models: { ...(reconcileModel !== undefined && { reconcileModel }) },
    })?.name;
  expect(of("strong")).toBe("strong");
  expect(of("strong", "small")).toBe("small");
  expect(of("strong", "unknown")).toBe("strong");
  expect(of(undefined)).toBeUndefined();
  expect(of(undefined, "small")).toBe("small");
});
