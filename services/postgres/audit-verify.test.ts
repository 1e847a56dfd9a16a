import { randomUUID } from "node:crypto";
import { OK } from "@mneme/core/audit/call-audit.ts";
import { createVerifyAudit, type VerifyAudit } from "@mneme/core/audit/verify-audit.ts";
import type { Verification } from "@mneme/core/audit/verify-trail.ts";
import type { Administrator } from "@mneme/core/tenancy/administrator.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuditChain } from "./audit-chain.ts";
import { createAuditInbox } from "./audit-inbox.ts";
import { createAuditStore } from "./audit-store.ts";
import { forgeHashes, openTestAudit, type TestAudit, testCall } from "./testing/audit.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let audit: TestAudit;
let verify: VerifyAudit;
let who: Administrator;
beforeAll(async () => {
  record = await openTestRecord("auditverify");
  audit = await openTestAudit(record);
  const { anchors, signer } = audit;
  verify = createVerifyAudit({ trail: createAuditStore(record.database), anchors, signer });
});
beforeEach(async () => {
  const { tenantId, projectId } = await record.provision();
  const permissions = new Set(["AUDIT_READ"]);
  who = { tenantId, projectId, isOfTenant: true, apiKeyId: randomUUID(), permissions, audit: undefined };
});
afterAll(async () => {
  await audit?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

async function keep(count: number): Promise<void> {
  const inbox = createAuditInbox(record.database.pool);
  const events = Array.from({ length: count }, () => testCall(who.projectId).draft(OK).event);
  await Promise.all(events.map((event) => inbox.note(who.tenantId, event)));
}

async function trailOf(count: number): Promise<void> {
  await keep(count);
  await audit.settle(who.tenantId);
}

/** As the superuser, to whom no fence applies. */
const alter = (text: string) =>
  record.admin.query(text.replaceAll("EVENTS", "mneme.audit_events"), [who.tenantId]);

/** Puts copies of an event behind the trail's end, each with the right hash. */
async function forge(behind: number, count: number): Promise<void> {
  await alter(
    `insert into EVENTS select tenant_id, sequence + n, gen_random_uuid(), occurred_at, action, api_key_id,
       actor_subject_id, service, project_id, request_id, code, reason, subject_ids, resource_types, resource_ids,
       resource_count, hash from EVENTS, generate_series(1, ${count}) n
     where tenant_id = $1 and sequence = ${behind}`,
  );
  await forgeHashes(record, who.tenantId);
}

const firstOf = (most: number) => verify(who, { after: 0, most });

/** All that is left, in parts of so many. */
async function goOn(last: Verification, most: number): Promise<Verification> {
  if (last.flaw || last.isWhole) return last;
  const { sequence: after, hash } = last.end;
  const next = await verify(who, { after, hash, most });
  return goOn({ ...next, checked: last.checked + next.checked }, most);
}

describe("a trail in parts", () => {
  it.each([1, 3, 5, 10, 11])("of %i verifies as a whole", async (most) => {
    await trailOf(10);
    const first = await firstOf(most);
    expect(first).toMatchObject({ checked: Math.min(most, 10), isWhole: most > 10 });
    expect(await goOn(first, most)).toMatchObject({
      flaw: undefined,
      checked: 10,
      isWhole: true,
      end: { sequence: 10 },
      signedHead: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
  });

  it("verifies while it grows", async () => {
    await trailOf(4);
    const first = await firstOf(2);
    await trailOf(3);
    expect(await goOn(first, 2)).toMatchObject({ flaw: undefined, checked: 7, isWhole: true });
  });

  const change = "update EVENTS set code = 'not_found' where tenant_id = $1 and";
  const remove = "delete from EVENTS where tenant_id = $1 and";
  it.each([
    { does: "removes the last of a part", text: `${remove} sequence = 5`, flaw: ["missing", 5] },
    { does: "removes the first of the next", text: `${remove} sequence = 6`, flaw: ["missing", 6] },
    { does: "changes it", text: `${change} sequence = 6`, flaw: ["changed", 6] },
    { does: "cuts all behind the part", text: `${remove} sequence > 5`, flaw: ["truncated", 6] },
    { does: "cuts some of the part as well", text: `${remove} sequence > 3`, flaw: ["missing", 5] },
    { does: "cuts the end", text: `${remove} sequence = 10`, flaw: ["truncated", 10] },
  ])("whose changer $does is found", async ({ text, flaw: [kind, sequence] }) => {
    await trailOf(10);
    const first = await firstOf(5);
    expect(first).toMatchObject({ flaw: undefined, isWhole: false, end: { sequence: 5 } });
    await alter(text);
    expect((await goOn(first, 5)).flaw).toEqual({ kind, sequence });
  });

  it("that is forged from its beginning no longer has the hash that a part ended with", async () => {
    await trailOf(10);
    const first = await firstOf(5);
    await alter(`${change} sequence = 2`);
    await forgeHashes(record, who.tenantId);
    expect((await goOn(first, 5)).flaw).toEqual({ kind: "changed", sequence: 5 });
  });

  it.each([4, 5])("to which is added is found, also where the parts end with it", async (most) => {
    await trailOf(9);
    await forge(9, 1);
    expect((await goOn(await firstOf(most), most)).flaw).toEqual({ kind: "added", sequence: 10 });
  });

  it("that ends with a part has the end that was signed", async () => {
    await trailOf(5);
    await alter(`${change} sequence = 2`);
    await forgeHashes(record, who.tenantId);
    // All before is taken for right, but not what was signed.
    expect((await verify(who, { after: 5, most: 5 })).flaw).toEqual({ kind: "signature", sequence: 5 });
  });
});

describe("an end that was announced and not confirmed", () => {
  beforeEach(async () => {
    await trailOf(3);
    await keep(4);
    const { anchors, signer } = audit;
    const announce: typeof anchors.announce = async (...announced) => {
      await anchors.announce(...announced);
      throw new Error("killed");
    };
    const pool = record.database.pool;
    const dying = createAuditChain({ pool, signer, anchors: { ...anchors, announce } });
    await expect(dying.chain(who.tenantId, 100)).rejects.toThrow("killed");
    expect(await firstOf(100)).toMatchObject({ flaw: undefined, checked: 3, isWhole: true });
  });

  it.each([
    { does: "fewer", count: 2, flaw: { kind: "signature", sequence: 5 } },
    { does: "as many, but others,", count: 4, flaw: { kind: "signature", sequence: 7 } },
    { does: "more", count: 5, flaw: { kind: "added", sequence: 8 } },
  ])("does not cover $does events that somebody has put there", async ({ count, flaw }) => {
    await forge(3, count);
    expect((await firstOf(100)).flaw).toEqual(flaw);
    expect((await goOn(await firstOf(2), 2)).flaw).toEqual(flaw);
  });
});

describe("a tenant's trail", () => {
  it("is verified by one call at a time, and others' beside it", async () => {
    await trailOf(2);
    const other = { ...who, ...(await record.provision()) };
    const first = firstOf(10);
    await expect(firstOf(10)).rejects.toMatchObject({
      kind: "resource_exhausted",
      reason: "ALREADY_RUNNING",
      // One process's: nothing is said of the tenant's others.
      metadata: { limit: "1" },
      retryAfterMs: 1_000,
    });
    expect(await verify(other, { after: 0, most: 10 })).toMatchObject({ flaw: undefined, isWhole: true });
    expect(await first).toMatchObject({ checked: 2 });
    expect(await firstOf(10)).toMatchObject({ checked: 2 });
  });

  it("is not a key's of one project", async () => {
    const ofProject = { ...who, isOfTenant: false };
    await expect(verify(ofProject, { after: 0, most: 10 })).rejects.toMatchObject({
      kind: "permission_denied",
      reason: "PERMISSION_MISSING",
      metadata: { permission: "AUDIT_READ" },
    });
  });
});
