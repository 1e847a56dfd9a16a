import { randomUUID } from "node:crypto";
import { rotateTenantKey } from "@mneme/core/encryption/manage-tenant-key.ts";
import type { RewrapDeps } from "@mneme/core/encryption/rewrap-keys.ts";
import { createSigningKeys, type SigningKeys } from "@mneme/core/signing/signing-keys.ts";
import { createSigningKeyStore } from "@mneme/postgres/signing-key-store.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import pg from "pg";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { startRewrapping } from "./rewrap.ts";
import { type BroughtKeys, openBroughtKeys } from "./testing/brought-key.ts";

let record: TestRecord;
let brought: BroughtKeys;
let pool: pg.Pool;
let signing: SigningKeys;
let lines: {
  readonly tenantId: string;
  readonly waitMs?: number;
  readonly left?: number;
  readonly replaced?: number;
}[];
const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });

beforeAll(async () => {
  record = await openTestRecord("rewrap");
});
beforeEach(async () => {
  lines = [];
  brought = await openBroughtKeys(record);
  pool = new pg.Pool({ connectionString: record.urls.keys, max: 2 });
  signing = createSigningKeys(createSigningKeyStore(pool), brought.openKeys().custody.providers, {
    signsMs: 60_000,
  });
});
afterEach(async () => {
  await brought[Symbol.asyncDispose]();
  await pool.end();
});
afterAll(() => record?.[Symbol.asyncDispose]());

async function rotate(custody: RewrapDeps, tenantId: string): Promise<void> {
  const administrator = { tenantId, projectId: "", isOfTenant: true, apiKeyId: "" };
  const request = { rpc: "RotateTenantKey", requestId: randomUUID(), body: Buffer.from("") };
  await rotateTenantKey(custody, { ...administrator, permissions: new Set<string>() }, request);
}

/** A tenant whose data keys are to be wrapped anew. */
async function newRotating(custody: RewrapDeps, isBrought: boolean) {
  const { tenantId } = await record.provision("rotating");
  const token = isBrought ? await brought.bring(tenantId) : "";
  await rotate(custody, tenantId);
  return { tenantId, token };
}

const rotating = async (custody: RewrapDeps) => custody.store.rotating(1_000);

it("goes on with others while the providers of some hang", async () => {
  const { custody } = brought.openKeys();
  const hanging = await Promise.all([1, 2, 3].map(() => newRotating(custody, true)));
  const ids = hanging.map(({ tenantId }) => tenantId);
  const { tenantId } = await newRotating(custody, false);
  brought.server.hangs = true;
  const store = {
    ...custody.store,
    // The worst that chance may bring.
    rotating: async (most: number) => {
      const found = await custody.store.rotating(most);
      return found.toSorted((a, b) => Number(ids.includes(b)) - Number(ids.includes(a)));
    },
  };
  await using _rewrapping = startRewrapping({ custody: { ...custody, store }, signing, log, pollMs: 20 });
  await expect.poll(() => rotating(custody), { timeout: 20_000 }).not.toContain(tenantId);
  expect((await rotating(custody)).toSorted()).toEqual(ids.toSorted());
  expect(lines.filter((line) => ids.includes(line.tenantId))).toEqual([]);
  brought.server.hangs = false;
  await expect.poll(() => rotating(custody), { timeout: 20_000 }).toEqual([]);
}, 60_000);

it("leaves a tenant that fails alone for longer each time, and is done once its key is back", async () => {
  const { custody } = brought.openKeys();
  const { tenantId, token } = await newRotating(custody, true);
  brought.server.revoke(token);
  await using _rewrapping = startRewrapping({ custody, signing, log, pollMs: 5, firstWaitMs: 20 });
  const waits = () => lines.flatMap(({ waitMs }) => waitMs ?? []);
  await expect.poll(() => waits().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
  expect(waits().slice(0, 4)).toEqual([20, 40, 80, 160]);
  brought.server.reinstate(token);
  await expect.poll(() => rotating(custody), { timeout: 20_000 }).not.toContain(tenantId);
}, 60_000);

it("leaves a tenant alone that has a damaged data key, and says how many, until it is repaired", async () => {
  const { custody } = brought.openKeys();
  const { tenantId } = await newRotating(custody, false);
  const flipOne = `update data_keys set wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)
                   where key_id = (select min(key_id::text)::uuid from data_keys where tenant_id = $1)`;
  await record.keysAdmin.query(flipOne, [tenantId]);
  await using _rewrapping = startRewrapping({ custody, signing, log, pollMs: 5, firstWaitMs: 20 });
  const waits = () =>
    lines
      .filter((line) => line.tenantId === tenantId)
      .flatMap(({ waitMs, left }) => (waitMs ? [[left, waitMs]] : []));
  await expect.poll(() => waits().length, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  expect(waits().slice(0, 3)).toEqual([
    [1, 20],
    [1, 40],
    [1, 80],
  ]);
  await record.keysAdmin.query(flipOne, [tenantId]);
  await expect.poll(() => rotating(custody), { timeout: 20_000 }).not.toContain(tenantId);
}, 60_000);

it("lets another key sign once one has signed for too long, though nobody asks for a signature", async () => {
  const { kid } = await signing.current();
  await record.keysAdmin.query("update signing_keys set created_at = now() - interval '2 minutes'");
  const { custody } = brought.openKeys();
  await using _rewrapping = startRewrapping({ custody, signing, log, pollMs: 20, renewMs: 20 });
  await expect.poll(async () => (await signing.current()).kid, { timeout: 20_000 }).not.toBe(kid);
  await expect.poll(() => lines.map(({ replaced }) => replaced)).toContain(1);
  expect(await signing.find(kid)).toMatchObject({ retiredAt: expect.any(Date) });
}, 60_000);
