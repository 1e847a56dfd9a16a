import { setTimeout as pause } from "node:timers/promises";
import type { BulkRequest, BulkServer } from "@mneme/core/extraction/bulk/bulk-reader.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CHAT_TOKENS, replies } from "../testing/replies.ts";
import { type ScriptedServer, startScriptedOpenAi } from "../testing/scripted-server.ts";
import { createOpenAiBatches } from "./batches.ts";

const NAME = "0190a000-0000-7000-8000-000000000001";
const EPOCH = new Date(0);

let server: ScriptedServer;
let batches: BulkServer;

beforeEach(async () => {
  server = await startScriptedOpenAi({
    takesBatches: true,
    chat: ({ body }) => (body.fails ? replies.status(400) : replies.text(body.say)),
  });
  batches = createOpenAiBatches({ baseUrl: server.baseUrl, timeoutMs: 2_000 });
});
afterEach(() => server[Symbol.asyncDispose]());

const most = { input: 1, cachedInput: 0, output: 1 };
const requestsOf = (...bodies: readonly object[]): ReadonlyMap<string, BulkRequest> =>
  new Map(bodies.map((body, i) => [`r${i}`, { body: JSON.stringify(body), most }]));

async function ended(id: string): Promise<void> {
  while ((await batches.look(id)) !== "ended") await pause(1);
}

const said = async (id: string) =>
  [...(await batches.answers(id))].map(([custom, { body }]) => [
    custom,
    (body as { choices: { message: { content: string } }[] }).choices[0]?.message.content,
  ]);

describe("a batch", () => {
  it("is asked in one file, goes through its states, and is answered in any order", async () => {
    const id = await batches.send(NAME, requestsOf({ say: "one" }, { say: "two" }));
    expect(server.batches.lines).toEqual([
      { custom_id: "r0", method: "POST", url: "/v1/chat/completions", body: { say: "one" } },
      { custom_id: "r1", method: "POST", url: "/v1/chat/completions", body: { say: "two" } },
    ]);
    expect(server.batches.all).toMatchObject([
      { completion_window: "24h", endpoint: "/v1/chat/completions" },
    ]);
    await ended(id);
    expect(await said(id)).toEqual([
      ["r1", "two"],
      ["r0", "one"],
    ]);
    const [answer] = [...(await batches.answers(id)).values()];
    expect(answer?.used).toMatchObject({ input: 60, cachedInput: 30, output: CHAT_TOKENS - 90 });
  });

  it.each([
    ["completed", 1],
    ["expired", 1],
    ["failed", 0],
    ["cancelled", 1],
  ] as const)(
    "that %s leaves nothing with the server, and has %i answers of two",
    async (status, answers) => {
      server.batches.endsAs = status;
      if (status !== "completed") server.batches.answersAtMost = 1;
      const id = await batches.send(NAME, requestsOf({ fails: status === "completed" }, { say: "two" }));
      await ended(id);
      expect(server.batches.all).toMatchObject([{ status }]);
      expect(await said(id)).toEqual(answers ? [["r1", "two"]] : []);
      expect(await batches.remove(id)).toBe("ended");
      expect([...server.batches.files.values()]).toEqual([]);
      expect(await batches.remove(id)).toBe("ended");
    },
  );

  it("is cancelled, also where it has ended", async () => {
    server.batches.endsAs = undefined;
    const id = await batches.send(NAME, requestsOf({ say: "one" }));
    await batches.look(id);
    await batches.cancel(id);
    expect(await batches.look(id)).toBe("ended");
    await batches.cancel(id);
    expect(await said(id)).toEqual([["r0", "one"]]);
  });

  it("that has not ended keeps its files: it may write more", async () => {
    server.batches.isSlowToCancel = true;
    server.batches.endsAs = undefined;
    const id = await batches.send(NAME, requestsOf({ say: "one" }));
    await batches.look(id);
    expect(await batches.remove(id)).toBe("going");
    await batches.cancel(id);
    expect(await batches.remove(id)).toBe("going");
    expect(server.batches.files.size).toBe(1);
    server.batches.isSlowToCancel = false;
    expect(await batches.remove(id)).toBe("ended");
    expect(server.batches.files.size).toBe(0);
  });

  it("stays with a server that is known by its address alone", () => {
    const { name } = createOpenAiBatches({
      baseUrl: "https://user:secret@models.example:8443/v1/?key=secret",
    });
    expect(name).toBe("https://models.example:8443/v1");
  });

  it("whose answer was lost on the way is found by its name, among others", async () => {
    server.batches.lost.push("POST /v1/batches");
    const sent = batches.send(NAME, requestsOf({ say: "one" }));
    await expect(sent).rejects.toMatchObject({ kind: "unavailable" });
    await batches.send("another", requestsOf({ say: "two" }));
    expect(server.batches.all).toHaveLength(2);
    expect(await batches.find(NAME, EPOCH)).toEqual(["batch_0"]);
    await batches.send(NAME, requestsOf({ say: "one" }));
    expect(await batches.find(NAME, EPOCH)).toEqual(["batch_2", "batch_0"]);
    expect(await batches.find("a third", EPOCH)).toEqual([]);
    expect(server.batches.files.size).toBe(3);
  });

  it("that never came to be leaves no file behind", async () => {
    server.batches.planned.push(["POST /v1/batches", replies.status(500)]);
    await expect(batches.send(NAME, requestsOf({ say: "one" }))).rejects.toMatchObject({
      kind: "unavailable",
    });
    expect(server.batches.files.size).toBe(1);
    expect(await batches.find(NAME, EPOCH)).toEqual([]);
    expect(server.batches.files.size).toBe(0);
    const refused = ["POST /v1/batches", replies.status(403)] as const;
    server.batches.planned.push(refused);
    await expect(batches.send(NAME, requestsOf({ say: "one" }))).rejects.toMatchObject({
      reason: "MODEL_CREDENTIALS_REFUSED",
    });
    expect(server.batches.files.size).toBe(0);
  });

  it("has files that go by themselves where the server knows that, and is sent all the same where not", async () => {
    await batches.send(NAME, requestsOf({ say: "one" }));
    const [file] = [...server.batches.files.values()];
    expect(file).toMatchObject({ filename: `${NAME}.jsonl`, expiry: "259200" });
    server.batches.planned.push(["POST /v1/files", replies.unsupported("expires_after")]);
    await batches.send("another", requestsOf({ say: "two" }));
    expect([...server.batches.files.values()].map(({ expiry }) => expiry)).toEqual(["259200", undefined]);
  });
});

describe("a server that takes no batches", () => {
  it("is told of once, and not asked again for a while", async () => {
    await using plain = await startScriptedOpenAi();
    let told = 0;
    const none = createOpenAiBatches({ baseUrl: plain.baseUrl, rememberMs: 20, onMissing: () => told++ });
    expect(none.isThere).toBe(true);
    for (let i = 0; i < 2; i += 1) {
      await expect(none.send(NAME, requestsOf({ say: "one" }))).rejects.toMatchObject({
        kind: "failed_precondition",
        reason: "MODEL_NOT_FOUND",
      });
      expect(none.isThere).toBe(false);
      expect(await none.find(NAME, EPOCH)).toEqual([]);
      while (!none.isThere) await pause(5);
    }
    expect(told).toBe(1);
  });
});
