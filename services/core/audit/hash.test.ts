import { expect, it } from "vitest";
import type { AuditEvent } from "./event.ts";
import { beginningOf, encodeEvent, hashEvent } from "./hash.ts";

/** Written down in docs/security/audit.md and in the SDK's test as well: what verifies trails elsewhere depends on it. */
const TENANT = "0197a0a0-0000-7000-8000-000000000001";
const EVENT: AuditEvent = {
  id: "0197a0a0-0000-7000-8000-000000000002",
  time: new Date("2026-03-01T10:00:00.250Z"),
  action: "mneme.memory.v1.MemoryService/GetMemory",
  actor: { apiKeyId: "0197a0a0-0000-7000-8000-000000000003", subjectId: "", service: "" },
  projectId: "0197a0a0-0000-7000-8000-000000000004",
  requestId: "call-1",
  code: "not_found",
  reason: "MEMORY_NOT_FOUND",
  subjectIds: ["0197a0a0-0000-7000-8000-000000000005"],
  resources: [{ type: "memory", id: "0197a0a0-0000-7000-8000-000000000006" }],
  resourceCount: 1,
};

it("encodes an event as it always did", () => {
  expect(encodeEvent(EVENT, 1)).toBe(
    '[1,1,"0197a0a0-0000-7000-8000-000000000002","2026-03-01T10:00:00.250Z",' +
      '"mneme.memory.v1.MemoryService/GetMemory","0197a0a0-0000-7000-8000-000000000003","","",' +
      '"0197a0a0-0000-7000-8000-000000000004","call-1","not_found","MEMORY_NOT_FOUND",' +
      '["0197a0a0-0000-7000-8000-000000000005"],[["memory","0197a0a0-0000-7000-8000-000000000006"]],1]',
  );
});

it("hashes it as it always did", () => {
  const hash = Buffer.from(hashEvent(beginningOf(TENANT), EVENT, 1)).toString("hex");
  expect(hash).toBe("54e832c642a745e57f1acd4425b141540f416d139a23cd8e726fa8bcc103f620");
});

it.each<Partial<AuditEvent>>([
  { id: TENANT },
  { time: new Date("2026-03-01T10:00:00.251Z") },
  { action: "mneme.memory.v1.MemoryService/DeleteMemory" },
  { actor: { ...EVENT.actor, apiKeyId: TENANT } },
  { actor: { ...EVENT.actor, subjectId: TENANT } },
  { actor: { ...EVENT.actor, service: "canary" } },
  { projectId: "" },
  { requestId: "call-2" },
  { code: "ok" },
  { reason: "" },
  { subjectIds: [] },
  { resources: [] },
  { resourceCount: 2 },
])("hashes every member: %j", (change) => {
  const before = beginningOf(TENANT);
  const of = (event: AuditEvent, sequence = 1) =>
    Buffer.from(hashEvent(before, event, sequence)).toString("hex");
  expect(of({ ...EVENT, ...change })).not.toBe(of(EVENT));
  expect(of(EVENT, 2)).not.toBe(of(EVENT));
});
