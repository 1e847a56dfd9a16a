import { randomUUID } from "node:crypto";
import { OK } from "@mneme/core/audit/call-audit.ts";
import { createAuditInbox } from "@mneme/postgres/audit-inbox.ts";
import { openTestAudit, type TestAudit, testCall } from "@mneme/postgres/testing/audit.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMetrics } from "../metrics.ts";
import { until } from "../testing/temporal.ts";
import { startChainer } from "./chainer.ts";

let record: TestRecord;
let audit: TestAudit;
beforeAll(async () => {
  record = await openTestRecord("chainer");
  audit = await openTestAudit(record);
});
afterAll(async () => {
  await audit?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

function start(chain = audit.chain) {
  const lines: string[] = [];
  const metrics = createMetrics(undefined, () => audit.chain.backlog());
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const auditor = createAuditInbox(record.database.pool);
  const chainer = startChainer({ chain, auditor, log, metrics, lookMs: 20 });
  return { metrics, lines, [Symbol.asyncDispose]: () => chainer[Symbol.asyncDispose]() };
}

async function keep(tenantId: string, projectId: string, count: number): Promise<void> {
  const inbox = createAuditInbox(record.database.pool);
  await Promise.all(
    Array.from({ length: count }, () => {
      const call = testCall(projectId);
      call.touches("memory", randomUUID());
      return inbox.note(tenantId, call.draft(OK).event);
    }),
  );
}

const checked = async (tenantId: string) => {
  const { flaw, checked: count } = await audit.verify(tenantId);
  return flaw ?? count;
};
const isEmpty = async () => (await audit.chain.backlog()).rows === 0;

it("puts the events of all tenants into their trails, more than fit one turn, and counts what waits", async () => {
  const other = await record.provision();
  await keep(record.tenant.tenantId, record.tenant.projectId, 1_203);
  await keep(other.tenantId, other.projectId, 5);
  const before = createMetrics(undefined, () => audit.chain.backlog());
  expect(await before.registry.metrics()).toMatch(/mneme_audit_inbox_events 1208\n/);
  await using chainer = start();
  await until(isEmpty);
  expect(await checked(record.tenant.tenantId)).toBe(1_203);
  expect(await checked(other.tenantId)).toBe(5);
  expect(await chainer.metrics.registry.metrics()).toMatch(/mneme_audit_inbox_events 0\n/);
  expect(await chainer.metrics.registry.metrics()).toMatch(/mneme_audit_chained_total 1208\n/);
});

it("leaves a trail alone that somebody has cut, says so once, and goes on with the others", async () => {
  const [cut, whole] = [await record.provision(), await record.provision()];
  await keep(cut.tenantId, cut.projectId, 3);
  await audit.settle(cut.tenantId);
  await record.admin.query("delete from mneme.audit_events where tenant_id = $1 and sequence = 3", [
    cut.tenantId,
  ]);
  await keep(cut.tenantId, cut.projectId, 1);
  await using chainer = start();
  for (const count of [1, 2]) {
    await keep(whole.tenantId, whole.projectId, 1);
    await until(async () => (await checked(whole.tenantId)) === count);
  }
  expect(await checked(cut.tenantId)).toEqual({ kind: "truncated", sequence: 3 });
  expect(chainer.lines.filter((line) => line.includes(cut.tenantId))).toHaveLength(1);
  expect(await chainer.metrics.registry.metrics()).toContain(
    'mneme_audit_chain_failures_total{reason="broken"} 1\n',
  );
  // What was kept, and that the trail was found broken.
  expect((await audit.chain.backlog()).rows).toBe(2);
});

describe("a trail that somebody has broken and mended again", () => {
  const told = ({ lines }: { lines: string[] }, tenantId: string) =>
    lines.map((line) => JSON.parse(line)).filter((line) => line.tenantId === tenantId);
  const ownOf = async (tenantId: string) => {
    const { rows } = await record.admin.query<{
      action: string;
      occurred_at: Date;
      code: string;
      service: string;
    }>(
      "select action, occurred_at, code, service from mneme.audit_events where tenant_id = $1 and service <> '' order by sequence",
      [tenantId],
    );
    return rows;
  };
  /** Puts a row behind the trail's end that nobody has signed. */
  const breakIt = (tenantId: string) =>
    record.admin.query(
      `insert into mneme.audit_events
       select (e).* from (
         select jsonb_populate_record(e, jsonb_build_object('sequence', sequence + 1, 'event_id', gen_random_uuid())) as e
         from mneme.audit_events e where tenant_id = $1 order by sequence desc limit 1
       ) as bogus`,
      [tenantId],
    );
  const mendIt = (tenantId: string) =>
    record.admin.query(
      "delete from mneme.audit_events where tenant_id = $1 and sequence = (select max(sequence) from mneme.audit_events where tenant_id = $1)",
      [tenantId],
    );
  const removeWaiting = (tenantId: string) =>
    record.admin.query("delete from mneme.audit_inbox where tenant_id = $1", [tenantId]);

  it("goes on within seconds, and says so itself, whatever vanished from the inbox meanwhile", async () => {
    const { tenantId, projectId } = await record.provision();
    await keep(tenantId, projectId, 3);
    await audit.settle(tenantId);
    await using chainer = start();
    await breakIt(tenantId);
    await keep(tenantId, projectId, 1);
    await until(() => told(chainer, tenantId).length === 1);
    const foundAt = told(chainer, tenantId)[0].time;
    await removeWaiting(tenantId);
    await mendIt(tenantId);
    await until(async () => (await ownOf(tenantId)).length === 2, 8_000);
    const [broken, whole] = await ownOf(tenantId);
    expect(broken).toMatchObject({ action: "audit/trail_broken", code: "data_loss", service: "audit" });
    expect(whole).toMatchObject({ action: "audit/trail_whole", code: "ok", service: "audit" });
    expect(Math.abs(Number(broken?.occurred_at) - foundAt)).toBeLessThan(1_000);
    expect(await checked(tenantId)).toBe(5);
    await until(() => told(chainer, tenantId).length === 2);
    expect(told(chainer, tenantId).map(({ level }) => level)).toEqual([60, 40]);
  });

  it("tells of each break once, and of each end", async () => {
    const { tenantId, projectId } = await record.provision();
    await keep(tenantId, projectId, 1);
    await audit.settle(tenantId);
    await using chainer = start();
    for (const times of [1, 2]) {
      await breakIt(tenantId);
      await keep(tenantId, projectId, 1);
      await until(() => told(chainer, tenantId).length === 2 * times - 1);
      await mendIt(tenantId);
      await until(async () => (await ownOf(tenantId)).length === 2 * times, 8_000);
      await until(() => told(chainer, tenantId).length === 2 * times);
    }
    expect((await ownOf(tenantId)).map(({ action }) => action)).toEqual([
      "audit/trail_broken",
      "audit/trail_whole",
      "audit/trail_broken",
      "audit/trail_whole",
    ]);
    expect(await checked(tenantId)).toBe(7);
  });

  it("is not taken for whole by a process that has not seen it, for it is another's turn", async () => {
    const { tenantId, projectId } = await record.provision();
    await keep(tenantId, projectId, 1);
    await audit.settle(tenantId);
    await breakIt(tenantId);
    const other = await record.admin.connect();
    try {
      await other.query("begin");
      await other.query("select pg_advisory_xact_lock(hashtextextended('audit/' || $1::text, 0))", [
        tenantId,
      ]);
      expect(await audit.chain.chain(tenantId, 10)).toBeUndefined();
      await other.query("rollback");
    } finally {
      other.release();
    }
    await expect(audit.chain.chain(tenantId, 10)).rejects.toThrow("does not end where it was signed");
  });
});

it("lets tenants whose events can't be put wait by themselves, tells of each once a try, and goes on with them later", async () => {
  // More than are worked at once, and longer waiting than the one behind them.
  const stuck = await Promise.all(Array.from({ length: 5 }, () => record.provision()));
  for (const { tenantId, projectId } of stuck) await keep(tenantId, projectId, 1);
  const ids = stuck.map(({ tenantId }) => `'${tenantId}'`).join();
  await record.keysAdmin.query(
    `alter table audit_anchors add constraint stuck check (tenant_id not in (${ids}))`,
  );
  const whole = await record.provision();
  await using chainer = start();
  for (const count of [1, 2]) {
    await keep(whole.tenantId, whole.projectId, 1);
    await until(async () => (await checked(whole.tenantId)) === count);
  }
  await record.keysAdmin.query("alter table audit_anchors drop constraint stuck");
  for (const { tenantId } of stuck) {
    await until(async () => (await checked(tenantId)) === 1);
    const told = chainer.lines.filter((line) => line.includes(tenantId)).map((line) => JSON.parse(line));
    expect(told).not.toEqual([]);
    expect(told.map(({ waitMs }) => waitMs)).toEqual([1_000, 2_000, 4_000].slice(0, told.length));
  }
  expect(await chainer.metrics.registry.metrics()).toMatch(
    /mneme_audit_chain_failures_total{reason="failed"} [1-9]/,
  );
});

it("goes on once the record answers again", async () => {
  const { tenantId, projectId } = await record.provision();
  await keep(tenantId, projectId, 2);
  let isDown = true;
  await using chainer = start({
    ...audit.chain,
    waiting: async (limit, without) => {
      // The connection is cut in the middle of a statement.
      if (isDown) await record.database.pool.query("select pg_terminate_backend(pg_backend_pid())");
      return audit.chain.waiting(limit, without);
    },
  });
  await until(async () => (await chainer.metrics.registry.metrics()).includes('reason="outage"'));
  isDown = false;
  await until(async () => (await checked(tenantId)) === 2);
});
