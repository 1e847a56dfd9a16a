import { isRetryable, MnemeError } from "@mneme/core/errors.ts";
import { expect, test } from "vitest";
import { type Reply, replies } from "../testing/replies.ts";
import { startScriptedOpenAi } from "../testing/scripted-server.ts";
import { callModel, createOpenAiClient } from "./client.ts";

async function failureAt(baseUrl: string): Promise<MnemeError> {
  const client = createOpenAiClient({ baseUrl });
  const call = { model: "m", timeoutMs: 10_000, signal: undefined };
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
  expect(error.metadata).toEqual({ model: "m", dependency: "model", code: "ECONNREFUSED" });
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
