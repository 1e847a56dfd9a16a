import { isRetryable, MnemeError } from "@mneme/core/errors.ts";
import { expect, test } from "vitest";
import { type Reply, replies } from "../testing/replies.ts";
import { startScriptedOpenAi } from "../testing/scripted-server.ts";
import { callModel, createOpenAiClient } from "./client.ts";

async function failureAt(baseUrl: string): Promise<MnemeError> {
  const client = createOpenAiClient({ baseUrl });
  const call = { model: "m", server: "embedder", timeoutMs: 10_000, signal: undefined } as const;
  const request = (signal: AbortSignal) => client.embeddings.create({ model: "m", input: "a" }, { signal });
  const error: unknown = await callModel(call, request).catch((reason) => reason);
  if (error instanceof MnemeError) return error;
  throw new Error("expected the call to fail", { cause: error });
}

async function failureOf(reply: Reply): Promise<MnemeError> {
  await using server = await startScriptedOpenAi({ embeddings: () => reply });
  return await failureAt(server.baseUrl);
}

/** Whether a failure says that the server is away, rather than that it failed at what it was asked. */
const isAway = ({ metadata }: MnemeError) => metadata.dependency === "model";

test("a server that is not there is away", async () => {
  const server = await startScriptedOpenAi();
  await server[Symbol.asyncDispose]();
  const error = await failureAt(server.baseUrl);
  expect(error).toMatchObject({ kind: "unavailable", reason: "DEPENDENCY_UNAVAILABLE" });
  expect(error.metadata).toEqual({
    model: "m",
    server: "embedder",
    dependency: "model",
    code: "ECONNREFUSED",
  });
  expect(isRetryable(error)).toBe(true);
  expect(isAway(await failureAt("http://no-such-host.invalid/v1"))).toBe(true);
});

test.each([
  ["status 503", replies.status(503), true],
  ["status 500", replies.status(500), false],
  ["status 429", replies.rateLimited(), false],
  ["status 401", replies.status(401), false],
  ["a connection that breaks after the request", replies.closeSocket(), false],
  ["half a body", replies.brokenBody(), false],
])("%s", async (_, reply, away) => {
  expect(isAway(await failureOf(reply))).toBe(away);
});

test.each([
  [401, "MODEL_CREDENTIALS_REFUSED", false],
  [402, "MODEL_CREDENTIALS_REFUSED", false],
  [403, "MODEL_CREDENTIALS_REFUSED", false],
  [404, "MODEL_NOT_FOUND", false],
  [400, "MODEL_REQUEST_REFUSED", false],
  [413, "MODEL_REQUEST_REFUSED", false],
  [408, "MODEL_SERVER_FAILED", true],
  [500, "MODEL_SERVER_FAILED", true],
  [502, "MODEL_SERVER_FAILED", true],
  [503, "DEPENDENCY_UNAVAILABLE", true],
])(
  "status %i is %s of the server that was asked, worth another try: %s",
  async (status, reason, retryable) => {
    const error = await failureOf(replies.status(status));
    expect(error).toMatchObject({ reason, metadata: { server: "embedder", status: String(status) } });
    expect(isRetryable(error)).toBe(retryable);
  },
);

test("a model that is refused as unknown by another status is not known either", async () => {
  const body = JSON.stringify({ error: { message: "no", code: "model_not_found" } });
  const error = await failureOf({ ...replies.status(400), body } as Reply);
  expect(error.reason).toBe("MODEL_NOT_FOUND");
});

test("a call that was cancelled says whether it was sent", async () => {
  const client = createOpenAiClient({ baseUrl: "http://127.0.0.1:1/v1" });
  const cancelled = async (cancel: AbortController, request: (signal: AbortSignal) => Promise<unknown>) => {
    const call = { model: "m", server: "embedder", timeoutMs: 10_000, signal: cancel.signal } as const;
    return callModel(call, request).catch((error: MnemeError) => [error.kind, error.metadata.sent]);
  };
  const before = new AbortController();
  before.abort();
  let asked = 0;
  const embed = async (signal: AbortSignal) => {
    asked += 1;
    return client.embeddings.create({ model: "m", input: "a" }, { signal });
  };
  expect(await cancelled(before, embed)).toEqual(["cancelled", "false"]);
  expect(asked).toBe(0);
  const meanwhile = new AbortController();
  const broken = async (signal: AbortSignal) => {
    meanwhile.abort();
    return embed(signal);
  };
  expect(await cancelled(meanwhile, broken)).toEqual(["cancelled", undefined]);
});
