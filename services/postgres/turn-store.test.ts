import { randomUUID } from "node:crypto";
import type { TurnReading } from "@mneme/core/context/turn-store.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { MessageRole } from "@mneme/core/memory/memory.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConversationStore } from "./conversation-store.ts";
import type { Provisioned } from "./provision.ts";
import { acceptDrafts } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";
import { createTurnStore } from "./turn-store.ts";

describe("turn store", () => {
  let record: TestRecord;
  let tenant: Provisioned;
  beforeAll(async () => {
    record = await openTestRecord("turn_store");
    tenant = record.tenant;
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const add = async (scope: Scope, text: string, at = "2026-03-01T10:00:00Z", role: MessageRole = "user") => {
    const message = { role, name: "Ada", text, toolCalls: [], toolCallId: undefined, sentAt: new Date(at) };
    const { messageIds } = await createConversationStore(record.database).accept(tenant, {
      scope,
      items: [{ type: "turn", message }],
      metadata: {},
      request: { rpc: "AddMessages", requestId: randomUUID(), body: new Uint8Array() },
    });
    return messageIds[0];
  };
  const recent = (scope: Scope, members: Partial<TurnReading> = {}, of = tenant) =>
    createTurnStore(record.database).recent(of, { scope, limit: 10, ...members });
  const textsOf = async (...of: Parameters<typeof recent>) => (await recent(...of)).map(({ text }) => text);

  it("reads the newest turns of one conversation, newest first, also before they are worked", async () => {
    const scope = { userId: "ada", sessionId: "monday" };
    await add(scope, "One.");
    const id = await add(scope, "Two.", "2026-03-01T10:05:00Z", "assistant");
    await add({ userId: "ada", sessionId: "friday" }, "Other.");
    await add({ userId: "bo", sessionId: "monday" }, "Bo's.");
    await add(scope, "Instructions.", undefined, "system");
    await acceptDrafts(record, tenant, scope, [draftOf("A finished statement.")]);
    await add(scope, "long ".repeat(7_000));
    expect(await recent(scope)).toEqual([
      {
        messageId: id,
        role: "assistant",
        name: "Ada",
        text: "Two.",
        sentAt: new Date("2026-03-01T10:05:00Z"),
      },
      expect.objectContaining({ text: "One.", role: "user" }),
    ]);
    expect(await textsOf(scope, { limit: 1 })).toEqual(["Two."]);
    expect(await textsOf({ userId: "ada" })).toEqual([]);
    expect(await textsOf({ userId: "nobody", sessionId: "monday" })).toEqual([]);
    expect(await textsOf(scope, {}, await record.provision("stranger"))).toEqual([]);
  });

  it("reads what was said, and received, by another time", async () => {
    const scope = { userId: "cy", sessionId: "s" };
    await add(scope, "Early.", "2026-03-01T10:00:00Z");
    await add(scope, "Late.", "2026-03-02T10:00:00Z");
    expect(await textsOf(scope, { asOf: new Date("2026-03-01T12:00:00Z") })).toEqual(["Early."]);
    expect(await textsOf(scope, { knownAt: new Date("2026-03-05") })).toEqual([]);
    expect(await textsOf(scope, { knownAt: new Date(Date.now() + 60_000) })).toEqual(["Late.", "Early."]);
  });

  it("keeps to the agent that the scope names, to what is kept, and behind the person's fence", async () => {
    const scope = { userId: "dee", sessionId: "s" };
    await add({ ...scope, agentId: "coach" }, "To the coach.");
    const id = await add({ ...scope, agentId: "chef" }, "To the chef.");
    expect(await textsOf(scope)).toEqual(["To the chef.", "To the coach."]);
    expect(await textsOf({ ...scope, agentId: "coach" })).toEqual(["To the coach."]);
    await record.admin.query("update mneme.messages set body_ct = null where id = $1", [id]);
    expect(await textsOf(scope)).toEqual(["To the coach."]);
    await record.admin.query(
      "update mneme.subjects set state = 'fenced' where id = (select subject_id from mneme.messages where id = $1)",
      [id],
    );
    expect(await textsOf(scope)).toEqual([]);
  });

  it("shows a team's turns to whom a grant lets read them", async () => {
    const scope = { userId: "eli", sessionId: "s" };
    await add({ ...scope, teamId: "crew" }, "To the crew.");
    await add(scope, "To nobody else.");
    const reach = { principals: [randomUUID()] };
    expect(await textsOf(scope, {}, { ...tenant, reach } as Provisioned)).toEqual(["To nobody else."]);
    expect(await textsOf(scope)).toEqual(["To nobody else.", "To the crew."]);
  });
});
