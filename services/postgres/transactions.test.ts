import { randomUUID } from "node:crypto";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allOf, createPool, withTenant } from "./pool.ts";
import { acceptTurns } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

/** What is sent without waiting in between, and what happens where a part of it fails. */
describe("a transaction whose statements leave together", () => {
  let record: TestRecord;
  let pool: pg.Pool;
  beforeAll(async () => {
    record = await openTestRecord("together");
    // One connection: whatever state it is left in, the next transaction meets.
    pool = createPool({
      url: record.urls.app,
      applicationName: "together",
      max: 1,
      statementTimeoutMs: 500,
    });
  });
  afterAll(async () => {
    await pool.end();
    await record[Symbol.asyncDispose]();
  });

  const run = <T>(work: Parameters<typeof withTenant<T>>[2]) =>
    withTenant(pool, record.tenant.tenantId, work);
  const keep = (client: pg.PoolClient, rpc: string) =>
    client.query("insert into idempotency values ($1, $2, '\\x00', '\\x00', '{}')", [
      record.tenant.tenantId,
      rpc,
    ]);
  const kept = async () => {
    const { rows } = await run((client) =>
      client.query<{ rpc: string }>("select rpc from idempotency order by rpc"),
    );
    return rows.map(({ rpc }) => rpc);
  };

  it("fails with the first failure in time, wherever it stands among them", async () => {
    const failing = run((client) => {
      const divided = client.query("select 1/0");
      const behind = client.query("select 1");
      return allOf([behind, divided]);
    });
    await expect(failing).rejects.toThrow("division by zero");
    expect(await kept()).toEqual([]);
  });

  it("keeps nothing where a statement before the commit fails, and throws its error", async () => {
    const failing = run((client, commit) =>
      allOf([keep(client, "never"), client.query("select 1/0"), commit()]),
    );
    await expect(failing).rejects.toThrow("division by zero");
    expect(await kept()).toEqual([]);
  });

  it("keeps what is sent before the commit, and takes nothing behind it", async () => {
    const late = run(async (client, commit) => {
      await allOf([keep(client, "kept"), commit()]);
      await keep(client, "late");
    });
    await expect(late).rejects.toThrow("behind its transaction's commit");
    expect(await kept()).toEqual(["kept"]);
  });

  it("tells of a rollback, also where the failed statement was forgiven", async () => {
    const forgiving = run(async (client) => {
      await keep(client, "forgiven");
      await client.query("select 1/0").catch(() => undefined);
    });
    await expect(forgiving).rejects.toThrow("rolled back");
    expect(await kept()).toEqual(["kept"]);
  });

  it("ends with an error of the work that never got as far as a promise", async () => {
    const broken = run(() => {
      throw new Error("at once");
    });
    await expect(broken).rejects.toThrow("at once");
    expect(await kept()).toEqual(["kept"]);
  });

  it("says that the record is too slow where an add waits for a locked person for too long", async () => {
    const slow = { ...record, database: { ...record.database, pool } };
    const say = () => acceptTurns(slow, record.tenant, { userId: "ada" }, ["I row."], new Date());
    await say();
    const holder = await record.admin.connect();
    try {
      await holder.query("begin");
      await holder.query("select from mneme.subjects for update");
      await expect(say()).rejects.toMatchObject({ reason: "DEPENDENCY_UNAVAILABLE" });
    } finally {
      await holder.query("rollback");
      holder.release();
    }
    await say();
  });

  it("makes the parts of a scope once, whoever comes first", async () => {
    const scope = { userId: "bob", agentId: "a", appId: "b", teamId: "c", sessionId: "d" };
    const rounds = Array.from({ length: 8 }, () => randomUUID());
    for (const round of rounds) {
      const fresh = { ...scope, agentId: `${round}a`, appId: `${round}b`, sessionId: `${round}d` };
      await Promise.all(
        Array.from({ length: 6 }, () => acceptTurns(record, record.tenant, fresh, ["I row."], new Date())),
      );
    }
    const { rows } = await record.admin.query<{ kind: string; count: number }>(
      "select kind, count(*)::integer as count from mneme.scope_refs group by kind order by kind",
    );
    expect(rows).toEqual([
      { kind: "agent", count: 8 },
      { kind: "app", count: 8 },
      { kind: "session", count: 8 },
      { kind: "team", count: 1 },
    ]);
  });
});
