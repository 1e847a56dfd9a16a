import { type ApiKeys, trustApiKeys } from "@mneme/core/tenancy/trusted-keys.ts";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createApiKeys } from "./api-keys.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

let record: TestRecord;
let keys: ApiKeys;
beforeAll(async () => {
  record = await openTestRecord("api-keys");
  keys = createApiKeys(record.database.pool);
});
afterAll(() => record?.[Symbol.asyncDispose]());

/** The keys themselves, with a note of what each look-up asked for. */
function watched(): ApiKeys & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    find: (shown) => {
      asked.push(shown.length);
      return keys.find(shown);
    },
  };
}

it("asks once for a burst, and trusts only what was found", async () => {
  const store = watched();
  using authenticator = trustApiKeys(store, { renewMs: 60_000 });
  const { apiKey, tenantId } = await record.provision("burst");
  const callers = await Promise.all(
    Array.from({ length: 5 }, () => authenticator.authenticate({ secret: apiKey })),
  );
  expect(callers.map((known) => known?.caller.tenantId)).toEqual(Array.from({ length: 5 }, () => tenantId));
  expect(store.asked).toEqual([1]);
  for (let i = 0; i < 3; i += 1)
    expect(await authenticator.authenticate({ secret: "mneme_unknown" })).toBeUndefined();
  expect(store.asked).toHaveLength(4);
});

it("renews all keys in use with one look-up, so that a call finds them trusted", async () => {
  const store = watched();
  using authenticator = trustApiKeys(store, { trustMs: 10_000, renewMs: 5 });
  for (const name of ["one", "two"])
    await authenticator.authenticate({ secret: (await record.provision(name)).apiKey });
  await vi.waitFor(() => expect(store.asked.filter((count) => count === 2).length).toBeGreaterThan(1));
  expect(store.asked.filter((count) => count === 1).length).toBeGreaterThanOrEqual(2);
});

it("forgets a revoked key at the next renewal", async () => {
  using authenticator = trustApiKeys(keys, { trustMs: 60_000, renewMs: 5 });
  const { apiKey, tenantId } = await record.provision("revoked");
  expect(await authenticator.authenticate({ secret: apiKey })).toMatchObject({ caller: { tenantId } });
  await record.admin.query("update mneme.api_keys set revoked_at = now() where tenant_id = $1", [tenantId]);
  await vi.waitFor(async () => expect(await authenticator.authenticate({ secret: apiKey })).toBeUndefined());
});

it("looks made-up keys up together and a bounded number of them, and keeps nobody waiting whose key it knows", async () => {
  const store = watched();
  using authenticator = trustApiKeys(store, { trustMs: 0, renewMs: 60_000 });
  const [known, other] = [await record.provision("known"), await record.provision("not yet")];
  await authenticator.authenticate({ secret: known.apiKey });
  // Holds back what looks keys up: nothing is answered while they come.
  const held = await record.admin.connect();
  await held.query("begin; lock mneme.api_keys");
  const flood = Array.from({ length: 5_000 }, (_, i) => authenticator.authenticate({ secret: `mneme_${i}` }));
  const outcomes = Promise.allSettled(flood);
  await expect(authenticator.authenticate({ secret: other.apiKey })).rejects.toMatchObject({
    kind: "unavailable",
    reason: "DEPENDENCY_UNAVAILABLE",
    retryAfterMs: 1_000,
  });
  const again = authenticator.authenticate({ secret: known.apiKey });
  expect(store.asked).toEqual([1, 1, 1]);
  await held.query("commit");
  held.release();
  expect(await again).toMatchObject({ caller: { tenantId: known.tenantId } });
  const answered = (await outcomes).filter(({ status }) => status === "fulfilled");
  expect(answered).toHaveLength(1_001);
  expect(store.asked.slice(3)).toEqual(Array.from({ length: 10 }, () => 100));
  expect(await authenticator.authenticate({ secret: other.apiKey })).toMatchObject({
    caller: { tenantId: other.tenantId },
  });
});

it("gives a key that it knows no stranger's place for the projects that it names", async () => {
  using authenticator = trustApiKeys(keys, { trustMs: 60_000, renewMs: 60_000 });
  const [known, other] = [await record.provision("names projects"), await record.provision("comes later")];
  await authenticator.authenticate({ secret: known.apiKey });
  const held = await record.admin.connect();
  await held.query("begin; lock mneme.api_keys");
  const named = Array.from({ length: 2_000 }, () =>
    authenticator.authenticate({ secret: known.apiKey, projectId: crypto.randomUUID() }),
  );
  const outcomes = Promise.allSettled(named);
  const later = authenticator.authenticate({ secret: other.apiKey });
  await held.query("commit");
  held.release();
  expect(await later).toMatchObject({ caller: { tenantId: other.tenantId } });
  const refused = (await outcomes).filter(({ status }) => status === "rejected");
  expect(refused).toHaveLength(999);
});

it("knows a project's key as that project's, whatever project it names", async () => {
  using authenticator = trustApiKeys(keys);
  const { apiKey, tenantId, projectId } = await record.provision("a project's key");
  const elsewhere = { secret: apiKey, projectId: crypto.randomUUID() };
  const refusal = { reason: "PROJECT_NOT_FOUND" };
  expect(await authenticator.authenticate(elsewhere)).toMatchObject({ caller: { projectId: "" }, refusal });
  await record.admin.query("update mneme.api_keys set project_id = $2 where tenant_id = $1", [
    tenantId,
    projectId,
  ]);
  await vi.waitFor(async () =>
    expect(await authenticator.authenticate(elsewhere)).toMatchObject({ caller: { projectId }, refusal }),
  );
});

it("trusts nothing for longer than it may where the store is gone", async () => {
  let gone = false;
  const find: ApiKeys["find"] = (shown) => (gone ? Promise.reject(new Error("gone")) : keys.find(shown));
  using authenticator = trustApiKeys({ find }, { trustMs: 20, renewMs: 5 });
  await authenticator.authenticate({ secret: record.tenant.apiKey });
  gone = true;
  await vi.waitFor(() =>
    expect(authenticator.authenticate({ secret: record.tenant.apiKey })).rejects.toThrow("gone"),
  );
  gone = false;
  expect(await authenticator.authenticate({ secret: record.tenant.apiKey })).toBeDefined();
});
