import { randomUUID } from "node:crypto";
import type { Message } from "@mneme/core/memory/message.ts";
import type { SessionAppend } from "@mneme/core/session/session-store.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSessionStore } from "./session-store.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

describe("session store", () => {
  let record: TestRecord;
  const store = () => createSessionStore(record.database);

  beforeAll(async () => {
    record = await openTestRecord("sessions");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const turn = (text: string, members: Partial<Message> = {}): Message => ({
    role: "user",
    name: "Ada",
    text,
    toolCalls: [],
    toolCallId: undefined,
    sentAt: new Date("2026-03-01T10:00:00.123Z"),
    ...members,
  });
  const request = (rpc = "AppendSession", body = "") => ({
    rpc,
    requestId: randomUUID() as string,
    body: Buffer.from(body),
  });
  const appendTo = (sessionId: string, texts: readonly string[], members: Partial<SessionAppend> = {}) =>
    store().append(record.tenant, {
      scope: { userId: "ada", sessionId },
      turns: texts.map((text) => turn(text)),
      taskState: undefined,
      etag: "",
      ttlSeconds: 3600,
      request: request(),
      ...members,
    });
  const get = (sessionId: string, lastTurns = 0, userId = "ada") =>
    store().get(record.tenant, { userId, sessionId }, lastTurns);

  it("keeps turns with their tool calls, and the task's state", async () => {
    const call = turn("", {
      role: "assistant",
      name: undefined,
      toolCalls: [{ id: "c1", name: "weather", argumentsJson: '{"city":"Rome"}' }],
    });
    const result = turn("sunny", { role: "tool", name: undefined, toolCallId: "c1" });
    const state = { step: 2, open: ["a", "b"], nested: { done: false, note: null } };
    await appendTo("whole", ["What is the weather?"]);
    const session = await store().append(record.tenant, {
      scope: { userId: "ada", sessionId: "whole", agentId: "later" },
      turns: [call, result],
      taskState: state,
      etag: "",
      ttlSeconds: 60,
      request: request(),
    });
    expect(session).toEqual(await get("whole"));
    expect(session).toMatchObject({
      scope: { userId: "ada", sessionId: "whole" },
      turns: [turn("What is the weather?"), call, result],
      taskState: state,
      turnCount: 3,
    });
    expect((await appendTo("whole", ["Thanks"])).taskState).toEqual(state);
    expect((await get("whole", 2)).turns.map(({ text }) => text)).toEqual(["sunny", "Thanks"]);
  });

  it("holds the last 200 turns and counts all", async () => {
    for (let i = 0; i < 3; i += 1) {
      await appendTo(
        "long",
        Array.from({ length: 90 }, (_, j) => `turn ${i * 90 + j}`),
      );
    }
    const session = await get("long");
    expect(session.turnCount).toBe(270);
    expect(session.turns).toHaveLength(200);
    expect(session.turns[0]?.text).toBe("turn 70");
    expect(session.turns.at(-1)?.text).toBe("turn 269");
  });

  it("answers with as many large turns as one message holds, the newest ones", async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `${i} ${"x".repeat(120_000)}`);
    const appended = await appendTo("large", texts);
    expect(appended).toEqual(await get("large"));
    const { turns, turnCount } = appended;
    expect(turnCount).toBe(40);
    expect(turns.length).toBeGreaterThan(20);
    expect(turns.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(4 * 1024 * 1024);
    expect(turns.at(-1)?.text).toBe(texts.at(-1));
  });

  it("takes no turn that no answer could hold", async () => {
    await appendTo("huge", ["small"]);
    const toolCalls = Array.from({ length: 60 }, (_, i) => {
      return { id: `c${i}`, name: "write", argumentsJson: JSON.stringify("x".repeat(60_000)) };
    });
    const turns = [turn("fine"), turn("huge", { role: "assistant", toolCalls })];
    await expect(appendTo("huge", [], { turns })).rejects.toMatchObject({
      reason: "FIELD_INVALID",
      fields: [{ field: "turns[1]" }],
    });
    expect((await get("huge")).turns).toEqual([turn("small")]);
  });

  it("lets one of two writers with the same etag win", async () => {
    const { etag } = await appendTo("etag", ["one"]);
    const tries = await Promise.allSettled([
      appendTo("etag", ["two"], { etag }),
      appendTo("etag", ["three"], { etag }),
    ]);
    expect(tries.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(tries.find((one) => one.status === "rejected")?.reason).toMatchObject({
      kind: "aborted",
      reason: "ETAG_MISMATCH",
    });
    await store().end(record.tenant, { userId: "ada", sessionId: "etag" }, request("EndSession"));
    const again = await appendTo("etag", ["one"]);
    expect(again.etag).not.toBe(etag);
    await expect(appendTo("etag", ["two"], { etag })).rejects.toMatchObject({ reason: "ETAG_MISMATCH" });
    await expect(appendTo("new", ["one"], { etag })).rejects.toMatchObject({ reason: "ETAG_MISMATCH" });
    await expect(get("new")).rejects.toMatchObject({ reason: "SESSION_NOT_FOUND" });
  });

  it("appends a repeated request once, also when both come at once", async () => {
    const same = request("AppendSession", "body");
    await Promise.all([
      appendTo("once", ["one"], { request: same }),
      appendTo("once", ["one"], { request: same }),
    ]);
    await appendTo("once", ["one"], { request: same });
    expect((await get("once")).turns).toHaveLength(1);
    const other = { ...same, body: Buffer.from("another") };
    await expect(appendTo("once", ["one"], { request: other })).rejects.toMatchObject({
      reason: "REQUEST_ID_REUSED",
    });
  });

  it("takes appends at once, losing none", async () => {
    await Promise.all(Array.from({ length: 12 }, (_, i) => appendTo("busy", [`a${i}`, `b${i}`])));
    const session = await get("busy");
    expect(session.turnCount).toBe(24);
    expect(new Set(session.turns.map(({ text }) => text)).size).toBe(24);
  });

  it("does not show an expired window and begins anew after it", async () => {
    await appendTo("expired", ["old"]);
    await record.admin.query("update mneme.session_windows set expires_at = now() - interval '1 second'");
    await expect(get("expired")).rejects.toMatchObject({ kind: "not_found", reason: "SESSION_NOT_FOUND" });
    const session = await appendTo("expired", ["new"]);
    expect(session).toMatchObject({ turnCount: 1, turns: [turn("new")] });
  });

  it("ends a window for good, and ending nothing is not an error", async () => {
    await appendTo("end", ["one"]);
    const scope = { userId: "ada", sessionId: "end" };
    const ending = request("EndSession");
    await store().end(record.tenant, scope, ending);
    await store().end(record.tenant, scope, request("EndSession"));
    await store().end(record.tenant, { userId: "nobody", sessionId: "none" }, request("EndSession"));
    await expect(get("end")).rejects.toMatchObject({ reason: "SESSION_NOT_FOUND" });
    await appendTo("end", ["again"]);
    await store().end(record.tenant, scope, ending);
    expect((await get("end")).turns).toHaveLength(1);
  });

  it("keeps persons, projects and tenants apart", async () => {
    await appendTo("mine", ["mine"]);
    await expect(get("mine", 0, "bob")).rejects.toMatchObject({ reason: "SESSION_NOT_FOUND" });
    const other = await record.provision("other");
    await expect(store().get(other, { userId: "ada", sessionId: "mine" }, 0)).rejects.toMatchObject({
      reason: "SESSION_NOT_FOUND",
    });
    await expect(store().get(record.tenant, { sessionId: "mine" }, 0)).rejects.toMatchObject({
      reason: "SESSION_NOT_FOUND",
    });
  });

  it("requires a session id", async () => {
    const bare = { userId: "ada" };
    await expect(appendTo("x", [], { scope: bare })).rejects.toMatchObject({
      reason: "FIELD_INVALID",
      fields: [{ field: "scope.session_id" }],
    });
    await expect(store().get(record.tenant, bare, 0)).rejects.toMatchObject({ reason: "FIELD_INVALID" });
  });

  it("refuses and shows nothing while the person is fenced", async () => {
    await appendTo("fenced", ["one"]);
    await record.admin.query("update mneme.subjects set state = 'fenced'");
    await expect(appendTo("fenced", ["two"])).rejects.toMatchObject({ reason: "SUBJECT_FENCED" });
    await expect(get("fenced")).rejects.toMatchObject({ reason: "SESSION_NOT_FOUND" });
    await record.admin.query("update mneme.subjects set state = 'active'");
    expect((await get("fenced")).turns).toHaveLength(1);
  });

  it("keeps nothing of it in the open", async () => {
    await appendTo("sealed", ["a very private remark"], { taskState: { secret: "very private" } });
    const { rows } = await record.admin.query<{ body_ct: Buffer; task_state_ct: Buffer }>(
      `select t.body_ct, w.task_state_ct from mneme.session_turns t
       join mneme.session_windows w using (tenant_id, project_id, session_id)`,
    );
    for (const row of rows) {
      expect(row.body_ct.includes("private")).toBe(false);
      expect(row.task_state_ct?.includes("private") ?? false).toBe(false);
    }
  });
});
