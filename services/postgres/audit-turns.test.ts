import { OK } from "@mneme/core/audit/call-audit.ts";
import { AnchorMovedError, type AuditAnchors } from "@mneme/core/audit/head.ts";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type AuditChain, createAuditChain } from "./audit-chain.ts";
import { createAuditInbox } from "./audit-inbox.ts";
import { createPool } from "./pool.ts";
import { openTestAudit, type TestAudit, testCall } from "./testing/audit.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const HUNG = "hung chainer";

let record: TestRecord;
let audit: TestAudit;
let hung: pg.Pool;
let tenantId: string;
let projectId: string;
beforeAll(async () => {
  record = await openTestRecord("auditturns");
  audit = await openTestAudit(record);
  hung = createPool({ url: record.urls.app, applicationName: HUNG });
});
beforeEach(async () => {
  ({ tenantId, projectId } = await record.provision());
});
afterAll(async () => {
  await hung?.end();
  await audit?.[Symbol.asyncDispose]();
  await record?.[Symbol.asyncDispose]();
});

async function keep(count: number): Promise<void> {
  const inbox = createAuditInbox(record.database.pool);
  const events = Array.from({ length: count }, () => testCall(projectId).draft(OK).event);
  await Promise.all(events.map((event) => inbox.note(tenantId, event)));
}

const chainer = (pool: pg.Pool, anchors: Partial<AuditAnchors>): AuditChain =>
  createAuditChain({ pool, signer: audit.signer, anchors: { ...audit.anchors, ...anchors } });

const killed = () => Promise.reject(new Error("killed"));
/** Dies before it could confirm what it announced. */
const unconfirming = () => chainer(record.database.pool, { confirm: killed });

/** Says where the trail ends, and dies before its commit. */
async function announceInVain(): Promise<void> {
  const announce: AuditAnchors["announce"] = async (...announced) => {
    await audit.anchors.announce(...announced);
    return killed();
  };
  await expect(chainer(record.database.pool, { announce }).chain(tenantId, 100)).rejects.toThrow("killed");
}

/**
 * A chainer hangs before it says where the trail ends, another has its turn, and it wakes.
 *
 * @returns what then becomes of what it says.
 */
async function hang(meanwhile: () => Promise<void>): Promise<unknown> {
  const said = Promise.withResolvers<unknown>();
  const late = async (say: () => Promise<void>) => {
    // As the server does to a transaction whose client hangs.
    await record.admin.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and datname = current_database()",
      [HUNG],
    );
    await meanwhile();
    await say();
  };
  const tell = (saying: Promise<void>) => {
    saying.then(said.resolve, said.resolve);
    return saying;
  };
  const { chain } = chainer(hung, {
    announce: (...announced) => tell(late(() => audit.anchors.announce(...announced))),
    settle: (...settled) => tell(late(() => audit.anchors.settle(...settled))),
  });
  await expect(chain(tenantId, 100)).rejects.toThrow();
  return said.promise;
}

/** Once the turn is free again. */
const inItsTurn = (chain: AuditChain, count: number) =>
  vi.waitFor(async () => expect(await chain.chain(tenantId, 100)).toBe(count), { timeout: 10_000 });

async function expectWhole(count: number): Promise<void> {
  expect(await audit.verify(tenantId)).toMatchObject({ flaw: undefined, checked: count });
  await keep(1);
  await audit.settle(tenantId);
  expect(await audit.verify(tenantId)).toMatchObject({ flaw: undefined, checked: count + 1 });
}

describe("a chainer that lost its turn and does not know", () => {
  it.each([0, 3])("announces nothing behind another's end, in a trail of %i", async (count) => {
    await keep(count);
    await audit.settle(tenantId);
    await keep(2);
    const outcome = await hang(async () => {
      await keep(1);
      await inItsTurn(audit.chain, 3);
    });
    expect(outcome).toBeInstanceOf(AnchorMovedError);
    await expectWhole(count + 3);
  });

  it("nor where the other has announced what it had seen itself", async () => {
    await keep(2);
    await announceInVain();
    const outcome = await hang(async () => {
      const dying = unconfirming();
      await vi.waitFor(() => expect(dying.chain(tenantId, 100)).rejects.toThrow("killed"));
    });
    expect(outcome).toBeInstanceOf(AnchorMovedError);
    await expectWhole(2);
  });

  it("takes nothing back that was announced since", async () => {
    await keep(2);
    await expect(unconfirming().chain(tenantId, 100)).rejects.toThrow("killed");
    const outcome = await hang(async () => {
      await keep(1);
      const dying = unconfirming();
      await vi.waitFor(() => expect(dying.chain(tenantId, 100)).rejects.toThrow("killed"));
    });
    expect(outcome).toBeInstanceOf(AnchorMovedError);
    await expectWhole(3);
  });
});

it("takes a late confirmation of another's for no new word", async () => {
  await keep(2);
  await expect(unconfirming().chain(tenantId, 100)).rejects.toThrow("killed");
  await keep(1);
  const announce: AuditAnchors["announce"] = async (id, seen, before, end) => {
    await audit.anchors.confirm(id, before);
    return audit.anchors.announce(id, seen, before, end);
  };
  expect(await chainer(record.database.pool, { announce }).chain(tenantId, 100)).toBe(1);
  await expectWhole(3);
});
