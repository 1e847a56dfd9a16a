import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import { sign, verify } from "@mneme/core/signing/sign.ts";
import { createSigningKeys } from "@mneme/core/signing/signing-keys.ts";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { createSigningKeyStore } from "./signing-key-store.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

const TYPE = "mneme-user-token+jwt";

let record: TestRecord;
let pool: pg.Pool;
beforeAll(async () => {
  record = await openTestRecord("signing");
  pool = new pg.Pool({ connectionString: record.urls.keys, max: 4 });
});
beforeEach(() => record.keysAdmin.query("delete from signing_keys"));
afterAll(async () => {
  await pool?.end();
  await record?.[Symbol.asyncDispose]();
});

/** As another process has them. */
async function open(options: Parameters<typeof createSigningKeys>[2] = {}, file = record.masterKeyFile) {
  return createSigningKeys(createSigningKeyStore(pool), await createLocalKeyProviders({ file }), options);
}

it("makes one key, however many processes need the first one at once", async () => {
  const processes = await Promise.all(Array.from({ length: 6 }, () => open()));
  const kids = await Promise.all(processes.map(async (keys) => (await keys.current()).kid));
  expect(new Set(kids).size).toBe(1);
  const { rows } = await record.keysAdmin.query("select kid, public_jwk, wrapped from signing_keys");
  expect(rows).toMatchObject([{ kid: kids[0], public_jwk: { kty: "OKP", crv: "Ed25519" } }]);
  expect(Object.keys(rows[0].public_jwk)).not.toContain("d");
});

it("signs with a new key after a rotation, and verifies what the one before it has signed", async () => {
  const keys = await open();
  const before = await sign(keys, TYPE, { n: 1 });
  await keys.rotate();
  const after = await sign(keys, TYPE, { n: 2 });
  const elsewhere = await open();
  for (const verifier of [keys, elsewhere]) {
    expect(await verify(verifier, TYPE, before)).toEqual({ n: 1 });
    expect(await verify(verifier, TYPE, after)).toEqual({ n: 2 });
    // Of what lives shortly, not longer than it lives.
    expect(await verify(verifier, TYPE, before, { retiredMs: -1 })).toBeUndefined();
    expect(await verify(verifier, TYPE, after, { retiredMs: -1 })).toEqual({ n: 2 });
    expect((await verifier.published()).keys).toHaveLength(2);
  }
  const { rows } = await record.keysAdmin.query(
    "select wrapped is null as forgotten, retired_at is null as signs from signing_keys order by created_at",
  );
  expect(rows).toEqual([
    { forgotten: true, signs: false },
    { forgotten: false, signs: true },
  ]);
});

it("keeps no private key in memory once another key signs", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const keys = await open();
  const held = await keys.current().then(({ privateKey }) => new WeakRef(privateKey));
  const elsewhere = await open();
  await elsewhere.rotate();
  // Whoever signs no more hears of it as well.
  expect(await keys.find((await elsewhere.current()).kid)).toBeDefined();
  await expect.poll(() => collect() ?? held.deref()).toBeUndefined();
});

it("finds the key that another process has made since, asking once a second at most", async () => {
  const store = createSigningKeyStore(pool);
  const all = vi.spyOn(store, "all");
  const keys = createSigningKeys(store, await createLocalKeyProviders({ file: record.masterKeyFile }));
  const { kid: first } = await keys.current();
  const elsewhere = await open();
  await elsewhere.rotate();
  const { kid } = await elsewhere.current();
  expect(await keys.find(kid)).toMatchObject({ retiredAt: undefined });
  expect(await keys.find(first)).toMatchObject({ retiredAt: expect.any(Date) });
  const asked = all.mock.calls.length;
  const unknown = Array.from({ length: 50 }, (_, index) => keys.find(`unknown ${index}`));
  expect(new Set(await Promise.all(unknown))).toEqual(new Set([undefined]));
  expect(all.mock.calls.length - asked).toBe(1);
});

it("replaces a key that is too old where it is looked after, or that no master key opens any more", async () => {
  expect(await (await open()).renew()).toBe("kept");
  const { kid: first } = await (await open()).current();
  await record.keysAdmin.query("update signing_keys set created_at = now() - interval '2 minutes'");
  expect(await (await open()).renew()).toBe("kept");
  expect((await (await open()).current()).kid).toBe(first);
  const processes = await Promise.all(Array.from({ length: 4 }, () => open({ signsMs: 60_000 })));
  // All at once: the store takes the key of one of them.
  expect(await Promise.all(processes.map((keys) => keys.renew()))).toContain("replaced");
  const { kid: second } = await (await open()).current();
  expect(second).not.toBe(first);
  expect((await (await open()).published()).keys).toHaveLength(2);
  const other = `${record.masterKeyFile}.other`;
  await writeFile(other, randomBytes(32).toString("hex"), { mode: 0o600 });
  const { kid: third } = await (await open({}, other)).current();
  expect(third).not.toBe(second);
});

it("goes on with what it knows while the store is out, and forgets a key that was taken away", async () => {
  const store = createSigningKeyStore(pool);
  const providers = await createLocalKeyProviders({ file: record.masterKeyFile });
  let isOut = false;
  const keys = createSigningKeys(
    { ...store, all: () => (isOut ? Promise.reject(new Error("out")) : store.all()) },
    providers,
  );
  vi.useFakeTimers({ toFake: ["performance"] });
  try {
    const { kid } = await keys.current();
    isOut = true;
    vi.advanceTimersByTime(20_000);
    expect(await keys.find(kid)).toBeDefined();
    await expect(keys.find("unknown")).rejects.toThrow("out");
    vi.advanceTimersByTime(10 * 60_000);
    await expect(keys.find(kid)).rejects.toThrow("out");
    isOut = false;
    await record.keysAdmin.query("delete from signing_keys");
    expect(await keys.find(kid)).toBeUndefined();
  } finally {
    vi.useRealTimers();
  }
});
