import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ExtractionState } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService, WaitFor } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { Role } from "@mneme/proto/mneme/memory/v1/message_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FOREIGN_CLIENTS } from "../harness/clients/all-clients.ts";
import { CallFailure, type ForeignClient } from "../harness/clients/foreign-client.ts";
import { type ExtractionStates, openExtractionStates } from "../harness/extraction-state.ts";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const { addMessages, getMemory, importMemories, listMemories } = MemoryService.method;
const { watchExtraction } = ExtractionService.method;
const { search } = SearchService.method;

const say = (userId: string, text: string, rest = {}) => ({
  scope: { userId },
  messages: [{ role: Role.USER, name: "Mira", text }],
  waitFor: WaitFor.SEARCHABLE,
  ...rest,
});

/** What a call failed with. */
async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  const outcome: unknown = await call.catch((error) => error);
  if (outcome instanceof CallFailure) return outcome;
  throw new Error("expected the call to fail", { cause: outcome });
}

let states: ExtractionStates;
let key: string;
beforeAll(async () => {
  key = (await provisionSharedTenant("foreign clients")).apiKey;
  states = openExtractionStates();
});
afterAll(() => states?.[Symbol.asyncDispose]());

describe.each(Object.entries(FOREIGN_CLIENTS))("%s", (name, open) => {
  const { url, logFolder } = sharedStack();
  let client: ForeignClient;
  let stranger: ForeignClient;
  beforeAll(() => {
    client = open(url, key);
    stranger = open(url, "mk_of_nobody");
  });
  afterAll(() => {
    client?.[Symbol.dispose]();
    stranger?.[Symbol.dispose]();
  });

  it("adds, follows, finds and lists", async () => {
    const userId = `${name} round`;
    const added = await client.unary(addMessages, say(userId, "I keep a yellow canoe in Oslo — café ☕."));
    expect(added.extraction?.state).toBe(ExtractionState.SEARCHABLE);
    const { extractionId } = added;
    const seen = await Array.fromAsync(client.serverStream(watchExtraction, { extractionId }));
    expect(seen.map(({ extraction }) => extraction?.state)).toEqual([ExtractionState.SEARCHABLE]);
    const query = "Where is Mira's canoe?";
    const found = await client.unary(search, { scope: { userId }, query });
    expect(found.degraded).toEqual([]);
    expect(found.hits[0]?.memory?.sources[0]?.text).toBe("I keep a yellow canoe in Oslo — café ☕.");
    expect(found.hits[0]?.score).toBeGreaterThan(0);
    const listed = await client.unary(listMemories, { scope: { userId } });
    expect(listed.memories.map(({ id }) => id)).toEqual(added.extraction?.memoryIds);
  });

  // Fetch cannot stream a request.
  if (!name.startsWith("connect-web"))
    it("imports a stream of statements", async () => {
      const userId = `${name} import`;
      const texts = Array.from({ length: 30 }, (_, i) => `Mira's shelf ${i} carries ${i} jars.`);
      const requests = texts.map((text, i) => ({ memory: { text }, ...(i === 0 && { scope: { userId } }) }));
      const imported = await client.clientStream?.(importMemories, requests);
      expect(imported?.accepted).toBe(30);
      for (const extractionId of imported?.extractionIds ?? []) {
        const seen = await Array.fromAsync(client.serverStream(watchExtraction, { extractionId }));
        expect(seen.at(-1)?.extraction?.state).toBe(ExtractionState.SEARCHABLE);
      }
      const { memories } = await client.unary(listMemories, { scope: { userId }, pageSize: 250 });
      expect(memories.map(({ text }) => text).sort()).toEqual(texts.sort());
    });

  it("is told what was wrong, with its details", async () => {
    const scope = { userId: "mira" };
    expect(await failureOf(client.unary(search, { scope, query: "canoe", limit: -1 }))).toMatchObject({
      code: "InvalidArgument",
      reasons: ["FIELD_INVALID"],
      fields: ["limit"],
    });
    const memoryId = crypto.randomUUID();
    expect(await failureOf(client.unary(getMemory, { memoryId }))).toMatchObject({
      code: "NotFound",
      reasons: ["MEMORY_NOT_FOUND"],
      metadata: { memory_id: memoryId },
    });
    const watching = Array.fromAsync(client.serverStream(watchExtraction, { extractionId: memoryId }));
    expect(await failureOf(watching)).toMatchObject({
      code: "NotFound",
      reasons: ["EXTRACTION_NOT_FOUND"],
      metadata: { extraction_id: memoryId },
    });
    expect(await failureOf(stranger.unary(search, { scope, query: "canoe" }))).toMatchObject({
      code: "Unauthenticated",
      reasons: ["CREDENTIALS_INVALID"],
    });
    if (!client.clientStream) return;
    const blank = [{ scope, memory: { text: "Mira rows." } }, { memory: { text: " " } }];
    expect(await failureOf(client.clientStream(importMemories, blank))).toMatchObject({
      code: "InvalidArgument",
      reasons: ["FIELD_INVALID"],
      fields: ["memory.text"],
      metadata: { field: "memory.text", message_index: "1" },
    });
  });

  it("meets a deadline that is too short, and keeps the add at most once", async () => {
    const userId = `${name} deadline`;
    const request = say(userId, "I paint lighthouses.", { requestId: userId });
    const late = await failureOf(client.unary(addMessages, request, { timeoutMs: 1 }));
    expect(late.code).toBe("DeadlineExceeded");
    const added = await client.unary(addMessages, request);
    expect(added.extraction?.state).toBe(ExtractionState.SEARCHABLE);
    const { memories } = await client.unary(listMemories, { scope: { userId } });
    expect(memories).toHaveLength(1);
  });

  it("cancels a watch, and the server ends it", async () => {
    const { extractionId } = await client.unary(addMessages, say(`${name} cancel`, "I repair clocks."));
    await states.set(extractionId, "running");
    const stop = new AbortController();
    const traceId = crypto.randomUUID();
    const options = { signal: stop.signal, traceId };
    const seen: (ExtractionState | undefined)[] = [];
    const watching = (async () => {
      for await (const { extraction } of client.serverStream(watchExtraction, { extractionId }, options)) {
        seen.push(extraction?.state);
        stop.abort();
      }
    })();
    expect((await failureOf(watching)).code).toBe("Canceled");
    expect(seen).toEqual([ExtractionState.RUNNING]);
    await expect
      .poll(async () => logged(join(logFolder, "api.log"), traceId), { timeout: 30_000 })
      .toMatchObject([{ method: "WatchExtraction", code: "canceled" }]);
  });
});

/** What the log says of a call. */
async function logged(file: string, traceId: string): Promise<unknown[]> {
  const lines = (await readFile(file, "utf8")).split("\n").filter((line) => line.includes(traceId));
  return lines.map((line) => JSON.parse(line));
}
