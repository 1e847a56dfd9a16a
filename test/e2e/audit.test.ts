import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { run } from "@mneme/cli/run.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { type AuditEvent, Mneme } from "@mneme/sdk";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

/** Words that stand nowhere but in what clients send. */
const PLANTED = ["zyzzogeton", "quockerwodger", "zyzzogeton.ada@example.org"] as const;
const [WORD, OTHER_WORD, PERSON] = PLANTED;
const UNKNOWN = "0197a0a0-0000-7000-8000-0000000000aa";

let tenant: Provisioned;
let mneme: Mneme;
let admin: pg.Pool;
let folder: string;

beforeAll(async () => {
  const { url, adminUrl } = sharedStack();
  tenant = await provisionSharedTenant("audit");
  mneme = new Mneme({ url, apiKey: tenant.apiKey });
  admin = new pg.Pool({ connectionString: adminUrl, max: 2 });
  folder = await mkdtemp(join(tmpdir(), "mneme-audit-"));
});
afterAll(async () => {
  await mneme?.[Symbol.asyncDispose]();
  await admin?.end();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function cli(...args: readonly string[]) {
  let out = "";
  let err = "";
  const code = await run(["audit", ...args], {
    env: { MNEME_URL: sharedStack().url, MNEME_API_KEY: tenant.apiKey },
    cwd: folder,
    stdin: Readable.from(Buffer.from("")),
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    signal: AbortSignal.timeout(60_000),
  });
  return { code, out, err };
}

/** Until the worker has put the event of a call into the trail. */
const chained = (requires: (events: readonly AuditEvent[]) => unknown) =>
  vi.waitFor(
    async () => {
      const events = await mneme.audit.list().toArray();
      requires(events);
      return events;
    },
    { timeout: 20_000, interval: 200 },
  );

const actionsOf = (events: readonly AuditEvent[]) =>
  events.map(({ action, code }) => `${action.split("/")[1]} ${code}`);

/** Makes one call of most kinds, with the planted words wherever a client can put any. */
async function call(): Promise<string> {
  const ada = mneme.scope({ userId: PERSON, agentId: WORD, sessionId: OTHER_WORD });
  const added = await ada.add(`I keep ${WORD} in ${OTHER_WORD}.`, {
    infer: false,
    metadata: { [WORD]: OTHER_WORD },
    requestId: `${WORD} ${PERSON}`,
  });
  const { memoryIds } = await mneme.waitFor(added, { timeoutMs: 60_000 });
  const memoryId = memoryIds[0] as string;
  await ada.search(`where is ${WORD}`);
  await mneme.memories.update(memoryId, { text: `${OTHER_WORD} it is` });
  await expect(mneme.memories.get(UNKNOWN)).rejects.toThrow();
  await expect(mneme.memories.get(`${WORD}`)).rejects.toThrow();
  await ada.session(OTHER_WORD).append({ role: "user", text: WORD });
  await mneme.memories.delete(memoryId);
  return memoryId;
}

describe("the audit trail", () => {
  it("tells who read or changed which ids, and verifies; what was said stands nowhere in it", async () => {
    const memoryId = await call();
    const wanted = [
      "AddMessages ok",
      "Search ok",
      "UpdateMemory ok",
      "GetMemory not_found",
      "GetMemory invalid_argument",
      "AppendSession ok",
      "DeleteMemory ok",
    ];
    const events = await chained((found) => expect(actionsOf(found)).toEqual(expect.arrayContaining(wanted)));
    for (const name of ["AddMessages", "Search", "UpdateMemory", "DeleteMemory", "AppendSession"]) {
      const ours = events.filter(({ action }) => action.endsWith(`/${name}`));
      expect([name, ours.length]).toEqual([name, 1]);
      expect(ours[0]?.subjectIds).toHaveLength(1);
      expect(ours[0]?.resources.length).toBeGreaterThan(0);
    }
    const touching = await mneme.audit.list({ resourceId: memoryId }).toArray();
    expect(actionsOf(touching)).toEqual(
      expect.arrayContaining(["DeleteMemory ok", "UpdateMemory ok", "Search ok"]),
    );
    const about = await mneme.audit.list({ userId: PERSON, code: "ok" }).toArray();
    expect(actionsOf(about)).toEqual(
      expect.arrayContaining(["AddMessages ok", "Search ok", "DeleteMemory ok"]),
    );
    expect(await mneme.audit.list({ userId: "nobody" }).toArray()).toEqual([]);
    expect(await mneme.audit.verify()).toMatchObject({ valid: true });

    const { rows } = await admin.query<{ row: string }>(
      `select row_to_json(e)::text as row from mneme.audit_events e where tenant_id = $1
       union all select row_to_json(i)::text from mneme.audit_inbox i where tenant_id = $1`,
      [tenant.tenantId],
    );
    expect(rows.length).toBeGreaterThan(wanted.length);
    const told = rows
      .map(({ row }) => row)
      .join("\n")
      .toLowerCase();
    for (const word of PLANTED) expect(told).not.toContain(word);
  });

  it("tells of its own readers, and of whoever is refused", async () => {
    const { apiKey } = await provisionSharedTenant("audit reader", ["reader"]);
    await using reader = new Mneme({ url: sharedStack().url, apiKey });
    await expect(reader.audit.verify()).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
    await mneme.audit.verify();
    await chained((found) => expect(actionsOf(found)).toContain("VerifyAudit ok"));
  });

  it("is verified part by part, of a key of the tenant alone", async () => {
    const told: number[] = [];
    const found = await mneme.audit.verify({ pageSize: 3, onProgress: (last) => told.push(last) });
    expect(found).toMatchObject({ valid: true, checked: found.lastSequence });
    expect(told.length).toBe(Math.floor(found.lastSequence / 3));
    const { lastSequence: afterSequence, lastHash: afterHash } = found;
    expect(await mneme.audit.verify({ afterSequence, afterHash })).toMatchObject({ valid: true });
    const wrong = { afterSequence, afterHash: "00".repeat(32) };
    expect(await mneme.audit.verify(wrong)).toMatchObject({ flaw: "changed", flawSequence: afterSequence });

    const { projectId } = tenant;
    const { secret } = await mneme.apiKeys.create("auditor", { roles: ["auditor"], projectId });
    await using ofProject = new Mneme({ url: sharedStack().url, apiKey: secret });
    expect(await ofProject.audit.list().toArray(1)).toHaveLength(1);
    await expect(ofProject.audit.verify()).rejects.toMatchObject({ reason: "PERMISSION_MISSING" });
  });

  it("is streamed as it grows", async () => {
    const [last] = await mneme.audit.list({ pageSize: 1 }).toArray(1);
    const stream = mneme.audit.stream({ afterSequence: last?.sequence, timeoutMs: 30_000 });
    const next = stream.next();
    await expect(mneme.memories.get(UNKNOWN)).rejects.toThrow();
    let event = (await next).value;
    while (event?.code !== "not_found") event = (await stream.next()).value;
    expect(event.resources).toEqual([{ type: "memory", id: UNKNOWN }]);
    await stream.return();
  });

  it("is verified by the command line, here and from a file; and a changed event is found by both", async () => {
    const { url } = sharedStack();
    expect(await cli("verify")).toMatchObject({ code: 0, err: "" });
    await writeFile(join(folder, "jwks.json"), await (await fetch(`${url}/.well-known/jwks.json`)).text());
    await writeFile(join(folder, "trail.jsonl"), (await cli("export")).out);
    const offline = ["verify", "--offline", "trail.jsonl", "--jwks", "jwks.json"] as const;
    const good = await cli(...offline);
    expect(good).toMatchObject({ code: 0, err: "" });
    expect(good.out).toMatch(/^\d+ events as they were, signed up to place \d+\.\n$/);

    await admin.query(
      "update mneme.audit_events set code = 'ok', reason = '' where tenant_id = $1 and code = 'not_found'",
      [tenant.tenantId],
    );
    const found = await cli("verify");
    expect(found).toMatchObject({ code: 5, out: "" });
    expect(found.err).toMatch(/tampered with: event \d+ is not what it was/);
    await writeFile(join(folder, "trail.jsonl"), (await cli("export")).out);
    expect((await cli(...offline)).err).toMatch(/tampered with: event \d+ is not what it was/);
    expect((await cli("list", "--limit", "3")).out).toContain("3 events");
  });
});
