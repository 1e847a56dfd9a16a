import { randomUUID } from "node:crypto";
import { OK } from "@mneme/core/audit/call-audit.ts";
import { verifyTrail } from "@mneme/core/audit/verify-trail.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAuditChain, TrailBrokenError } from "./audit-chain.ts";
import { createAuditInbox } from "./audit-inbox.ts";
import { createAuditStore } from "./audit-store.ts";
import { transact } from "./database.ts";
import { withTenant } from "./pool.ts";
import type { Provisioned } from "./provision.ts";
import { forgeHashes, openTestAudit, type TestAudit, testCall } from "./testing/audit.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let audit: TestAudit;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("audit");
  audit = await openTestAudit(record);
});
beforeEach(async () => {
  tenant = await record.provision();
});
afterAll(async () => {
  await audit?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

/** Keeps that many events of calls, each about somebody else. */
async function keep(count: number): Promise<void> {
  const inbox = createAuditInbox(record.database.pool);
  const calls = Array.from({ length: count }, () => {
    const call = testCall(tenant.projectId);
    call.about(randomUUID());
    call.touches("memory", randomUUID(), randomUUID());
    return inbox.note(tenant.tenantId, call.draft(OK).event);
  });
  await Promise.all(calls);
}

async function trailOf(count: number): Promise<void> {
  await keep(count);
  await audit.settle(tenant.tenantId);
}

/** As the superuser, to whom no fence applies. */
const alter = (text: string, only = "true") =>
  record.admin.query(`${text} where tenant_id = $1 and ${only}`, [tenant.tenantId]);

async function sequences(): Promise<number[]> {
  const { rows } = await record.admin.query<{ sequence: string }>(
    "select sequence from mneme.audit_events where tenant_id = $1 order by sequence",
    [tenant.tenantId],
  );
  return rows.map(({ sequence }) => Number(sequence));
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("a trail", () => {
  it("has every event once, in places without gaps, and verifies", async () => {
    await trailOf(30);
    expect(await sequences()).toEqual(upTo(30));
    const found = await audit.verify(tenant.tenantId);
    expect(found).toMatchObject({ flaw: undefined, checked: 30, end: { sequence: 30 } });
    expect(found.signedHead).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(await audit.verify(tenant.tenantId, 12)).toMatchObject({ flaw: undefined, checked: 18 });
  });

  it("is empty and valid before anything happened", async () => {
    expect(await audit.verify(tenant.tenantId)).toMatchObject({
      flaw: undefined,
      checked: 0,
      end: { sequence: 0 },
    });
  });

  it("stays gapless under concurrent writers and chainers", async () => {
    const other = await openTestAudit(record);
    const writing = Promise.all(Array.from({ length: 8 }, () => keep(25)));
    let isDone = false;
    void writing.then(() => {
      isDone = true;
    });
    const chaining = [audit, other].map(async ({ chain }) => {
      while (!isDone) await chain.chain(tenant.tenantId, 7);
    });
    await Promise.all([writing, ...chaining]);
    await audit.settle(tenant.tenantId);
    await other[Symbol.asyncDispose]();
    expect(await sequences()).toEqual(upTo(200));
    expect(await audit.verify(tenant.tenantId)).toMatchObject({ flaw: undefined, checked: 200 });
  });

  it("loses and doubles nothing where a chainer dies behind its announcement", async () => {
    await trailOf(3);
    await keep(4);
    const died = new Error("killed");
    const dying = createAuditChain({
      pool: record.database.pool,
      signer: audit.signer,
      anchors: {
        ...audit.anchors,
        announce: async (...announced) => {
          await audit.anchors.announce(...announced);
          throw died;
        },
      },
    });
    await expect(dying.chain(tenant.tenantId, 100)).rejects.toBe(died);
    const aborted = await audit.anchors.read(tenant.tenantId);
    expect(await audit.verify(tenant.tenantId)).toMatchObject({ flaw: undefined, checked: 3 });
    // Others come, so that what was announced never comes true.
    await keep(1);
    await audit.chain.chain(tenant.tenantId, 2);
    await audit.settle(tenant.tenantId);
    expect(await sequences()).toEqual(upTo(8));
    expect(aborted).toMatchObject({ before: { sequence: 3 }, end: { sequence: 7 } });
    // Also for who began to verify in between: another event is in that place now.
    const seen = [aborted];
    const read = async (tenantId: string) => seen.shift() ?? audit.anchors.read(tenantId);
    const trail = createAuditStore(record.database);
    const deps = { trail, signer: audit.signer, anchors: { read } };
    const found = await verifyTrail(deps, tenant.tenantId, { after: 0, most: 100 });
    expect(found).toMatchObject({ flaw: undefined, checked: 8 });
    expect(await audit.verify(tenant.tenantId)).toMatchObject({ flaw: undefined, checked: 8 });
  });

  it("is confirmed by the next chainer where one died before it could", async () => {
    await keep(2);
    const dying = createAuditChain({
      pool: record.database.pool,
      signer: audit.signer,
      anchors: { ...audit.anchors, confirm: () => Promise.reject(new Error("killed")) },
    });
    await expect(dying.chain(tenant.tenantId, 100)).rejects.toThrow("killed");
    expect((await audit.anchors.read(tenant.tenantId))?.before).toMatchObject({ sequence: 0 });
    expect(await audit.verify(tenant.tenantId)).toMatchObject({ flaw: undefined, checked: 2 });
    await audit.settle(tenant.tenantId);
    expect(await audit.anchors.read(tenant.tenantId)).toMatchObject({
      before: undefined,
      end: { sequence: 2 },
    });
    expect(await sequences()).toEqual([1, 2]);
  });
});

it("names whose events wait, longest waiting first, and gives nobody's place to who is not asked for", async () => {
  const tenants = [tenant, await record.provision(), await record.provision()];
  for (tenant of tenants) await keep(1);
  const all = await audit.chain.waiting(1_000);
  expect(all.slice(-3)).toEqual(tenants.map(({ tenantId }) => tenantId));
  for (const [index, tenantId] of all.entries())
    expect(await audit.chain.waiting(1, all.slice(0, index))).toEqual([tenantId]);
  expect(await audit.chain.waiting(1, all)).toEqual([]);
});

it("keeps the events of other tenants where the record refuses one's of the same batch", async () => {
  const tenants = await Promise.all(Array.from({ length: 7 }, () => record.provision()));
  const inbox = createAuditInbox(record.database.pool);
  const outcomes = await Promise.allSettled(
    tenants.map(({ tenantId, projectId }, index) => {
      const call = testCall(projectId);
      call.about(index === 4 ? "no id" : randomUUID());
      return inbox.note(tenantId, call.draft(OK).event);
    }),
  );
  expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual(
    tenants.map((_, index) => index !== 4),
  );
  for (const [index, { tenantId }] of tenants.entries()) {
    await audit.settle(tenantId);
    expect(await audit.verify(tenantId)).toMatchObject({ flaw: undefined, checked: index === 4 ? 0 : 1 });
  }
});

describe("a write", () => {
  const write = (fail?: Error) => {
    const call = testCall(tenant.projectId, "mneme.memory.v1.MemoryService/DeleteMemory");
    const work = transact(record.database, { ...tenant, audit: call }, async ({ audit: noted, commit }) => {
      noted?.touches("memory", tenant.projectId);
      if (fail) throw fail;
      await commit();
    });
    return { call, work };
  };

  it("is kept with its event or not at all", async () => {
    const failure = new Error("no");
    const refused = write(failure);
    await expect(refused.work).rejects.toBe(failure);
    expect(refused.call.isTold).toBe(false);
    const done = write();
    await done.work;
    expect(done.call.isTold).toBe(true);
    await audit.settle(tenant.tenantId);
    const { rows } = await record.admin.query("select * from mneme.audit_events where tenant_id = $1", [
      tenant.tenantId,
    ]);
    expect(rows).toMatchObject([
      { code: "ok", resource_types: ["memory"], resource_ids: [tenant.projectId] },
    ]);
  });

  it("fails where its event can't be kept", async () => {
    const call = testCall(tenant.projectId);
    call.about("no id");
    const seen: unknown[] = [];
    const work = transact(record.database, { ...tenant, audit: call }, async ({ client }) => {
      seen.push(await client.query("update tenants set name = 'changed' where id = $1", [tenant.tenantId]));
    });
    await expect(work).rejects.toThrow("uuid");
    const { rows } = await record.admin.query("select name from mneme.tenants where id = $1", [
      tenant.tenantId,
    ]);
    expect(seen).toHaveLength(1);
    expect(rows).toEqual([{ name: "tenant" }]);
  });
});

describe("who has all rights over the record", () => {
  const change = "update mneme.audit_events set";
  const remove = "delete from mneme.audit_events";

  it.each([
    { does: "changes a code", text: `${change} code = 'not_found'`, at: 4, kind: "changed" },
    {
      does: "moves a time",
      text: `${change} occurred_at = occurred_at + interval '1 ms'`,
      at: 2,
      kind: "changed",
    },
    { does: "takes a person away", text: `${change} subject_ids = '{}'`, at: 9, kind: "changed" },
    { does: "takes an id away", text: `${change} resource_ids = resource_ids[1:1]`, at: 5, kind: "changed" },
    { does: "names another actor", text: `${change} service = 'canary'`, at: 1, kind: "changed" },
    { does: "deletes in the middle", text: remove, at: 6, kind: "missing" },
    { does: "deletes the first", text: remove, at: 1, kind: "missing" },
    { does: "cuts the end", text: remove, at: 10, kind: "truncated" },
  ])("and $does is found, with the place", async ({ text, at, kind }) => {
    await trailOf(10);
    const { rowCount } = await alter(text, `sequence = ${at}`);
    expect(rowCount).toBe(1);
    expect((await audit.verify(tenant.tenantId)).flaw).toEqual({ kind, sequence: at });
  });

  it("and removes all of it is found", async () => {
    await trailOf(3);
    await alter(remove);
    expect((await audit.verify(tenant.tenantId)).flaw).toEqual({ kind: "truncated", sequence: 1 });
  });

  it("and adds an event, with the right hash or not, is found, and nothing is put behind it", async () => {
    for (const forge of [false, true]) {
      tenant = await record.provision();
      await trailOf(3);
      await record.admin.query(
        `insert into mneme.audit_events select tenant_id, 4, $2, occurred_at, action, api_key_id, actor_subject_id,
           service, project_id, request_id, code, reason, subject_ids, resource_types, resource_ids,
           resource_count, hash from mneme.audit_events where tenant_id = $1 and sequence = 3`,
        [tenant.tenantId, randomUUID()],
      );
      if (forge) await forgeHashes(record, tenant.tenantId);
      expect((await audit.verify(tenant.tenantId)).flaw).toEqual({ kind: "added", sequence: 4 });
      await keep(1);
      await expect(audit.chain.chain(tenant.tenantId, 10)).rejects.toThrow(TrailBrokenError);
      expect(await sequences()).toEqual(upTo(4));
    }
  });

  it("and computes every hash anew behind a change is found by what was signed", async () => {
    await trailOf(5);
    await alter(`${change} code = 'not_found'`, "sequence = 2");
    await forgeHashes(record, tenant.tenantId);
    expect((await audit.verify(tenant.tenantId)).flaw).toEqual({ kind: "signature", sequence: 5 });
  });

  it("and over the key store, but not its signing key, is found too", async () => {
    await trailOf(5);
    await alter(`${change} code = 'not_found'`, "sequence = 2");
    await forgeHashes(record, tenant.tenantId);
    const { rows } = await alter("select hash from mneme.audit_events", "sequence = 5");
    await record.keysAdmin.query("update audit_anchors set hash = $2 where tenant_id = $1", [
      tenant.tenantId,
      rows[0].hash,
    ]);
    expect((await audit.verify(tenant.tenantId)).flaw).toEqual({ kind: "signature", sequence: 5 });
  });

  it("and lets one tenant's trail and its anchor stand for another's is found", async () => {
    await trailOf(2);
    const { tenantId: from } = tenant;
    const { tenantId: to } = await record.provision();
    await record.admin.query("update mneme.audit_events set tenant_id = $2 where tenant_id = $1", [from, to]);
    await record.keysAdmin.query("update audit_anchors set tenant_id = $2 where tenant_id = $1", [from, to]);
    expect((await audit.verify(to)).flaw).toEqual({ kind: "changed", sequence: 1 });
  });
});

describe("the application", () => {
  const asApp = (text: string) =>
    withTenant(record.database.pool, tenant.tenantId, (client) => client.query(text));

  it.each(["audit_inbox", "audit_events"])("can neither change nor remove nor empty %s", async (table) => {
    await trailOf(1);
    await keep(1);
    for (const text of [
      `update ${table} set code = 'ok'`,
      `delete from ${table}`,
      `truncate ${table}`,
      `alter table ${table} disable row level security`,
      `drop table ${table}`,
    ]) {
      await expect(asApp(text)).rejects.toThrow(/permission denied|must be owner/);
    }
    expect((await asApp(`select from ${table}`)).rowCount).toBe(1);
  });

  it("can take out of the inbox only what is in the trail", async () => {
    await keep(3);
    const { rows } = await asApp(
      "select remove_chained_audit_events(array(select id from audit_inbox)) as removed",
    );
    expect(rows).toEqual([{ removed: "0" }]);
    expect((await asApp("select from audit_inbox")).rowCount).toBe(3);
  });

  it("sees no other tenant's", async () => {
    await trailOf(1);
    await keep(1);
    const other = await record.provision();
    for (const table of ["audit_inbox", "audit_events"]) {
      const seen = await withTenant(record.database.pool, other.tenantId, (client) =>
        client.query(`select from ${table}`),
      );
      expect(seen.rowCount).toBe(0);
    }
  });
});
