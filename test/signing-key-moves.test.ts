import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { OK } from "@mneme/core/audit/call-audit.ts";
import type { KeyConfig } from "@mneme/core/key-settings.ts";
import { renewKeys } from "@mneme/core/signing/renew-keys.ts";
import { createSigningKeys } from "@mneme/core/signing/signing-keys.ts";
import { createUserTokens } from "@mneme/core/tenancy/user-tokens.ts";
import { openKeyProviders } from "@mneme/keys/providers.ts";
import { startTransitServer, type TransitServer } from "@mneme/keys/testing/transit-server.ts";
import { createAuditInbox } from "@mneme/postgres/audit-inbox.ts";
import { createKeyStore } from "@mneme/postgres/key-store.ts";
import { createPool } from "@mneme/postgres/pool.ts";
import { createSigningKeyStore } from "@mneme/postgres/signing-key-store.ts";
import { openTestAudit, testCall } from "@mneme/postgres/testing/audit.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

let record: TestRecord;
let pool: pg.Pool;
let server: TransitServer;
let resources: AsyncDisposableStack;
let local: KeyConfig;
let transit: KeyConfig["transit"];
const otherMasterKey = () => `${record.masterKeyFile}.other`;

beforeAll(async () => {
  record = await openTestRecord("signingmoves");
  await writeFile(otherMasterKey(), randomBytes(32).toString("hex"));
  const { masterKeyFile } = record;
  local = {
    masterKeyFile,
    previousMasterKeyFile: undefined,
    standard: "local",
    transit: undefined,
    anyAddress: true,
  };
});
afterAll(() => record?.[Symbol.asyncDispose]());

beforeEach(async () => {
  resources = new AsyncDisposableStack();
  pool = createPool({ url: record.urls.keys, applicationName: "signing moves test", schema: "public" });
  resources.defer(() => pool.end());
  server = resources.use(await startTransitServer());
  server.ask("POST", "keys/mneme");
  const tokenFile = `${record.masterKeyFile}.token`;
  await writeFile(tokenFile, server.issue("mneme"));
  const { url, mount } = server;
  transit = { url, mount, key: "mneme", namespace: "", tokenFile, caFile: undefined };
  await record.keysAdmin.query("delete from signing_keys; delete from data_keys; delete from tenant_keys");
});
afterEach(() => resources.disposeAsync());

/** A process of these settings: what it signs with, what it looks after, and what it does by both. */
async function start(change: Partial<KeyConfig> = {}) {
  const providers = resources.use(await openKeyProviders({ ...local, ...change }));
  const keys = createKeyStore(pool, providers);
  const signing = createSigningKeys(createSigningKeyStore(pool), providers);
  const tokens = createUserTokens(signing, "mneme");
  const audit = resources.use(await openTestAudit(record, providers));
  return {
    keys,
    tokens,
    kid: async () => (await signing.current()).kid,
    renew: () => renewKeys(keys.custody, signing),
    mint: () => {
      const ids = { tenantId: uuidv7(), projectId: uuidv7(), apiKeyId: uuidv7() };
      return tokens.mint({ ...ids, subject: { id: uuidv7(), epoch: 1 }, permissions: ["read"] }, 60);
    },
    /** @returns how far the tenant's trail goes, whole, once an event more was put there. */
    async chainOne({ tenantId, projectId }: { readonly tenantId: string; readonly projectId: string }) {
      await createAuditInbox(record.database.pool).note(tenantId, testCall(projectId).draft(OK).event);
      await audit.settle(tenantId);
      const { flaw, end, isWhole } = await audit.verify(tenantId);
      expect({ flaw, isWhole }).toEqual({ flaw: undefined, isWhole: true });
      return end.sequence;
    },
  };
}

const signingRows = async () =>
  (await record.keysAdmin.query("select provider, retired_at is null as signs from signing_keys")).rows;

/** What each setting of the move's is before, while both are there, and once the old provider is gone. */
const MOVES = [
  {
    from: "transit",
    to: "local",
    before: () => ({ standard: "transit" as const, transit }),
    both: () => ({ transit }),
    after: () => ({}),
  },
  {
    from: "local",
    to: "transit",
    before: () => ({}),
    both: () => ({ standard: "transit" as const, transit }),
    // That of the file opens nothing any more.
    after: () => ({ standard: "transit" as const, transit, masterKeyFile: otherMasterKey() }),
  },
];

describe.each(MOVES)("from $from to $to", ({ from, to, before, both, after }) => {
  it("the key that signs goes with the others, and nothing is left that needs the old provider", async () => {
    const tenancy = await record.provision();
    const old = await start(before());
    await old.keys.create(uuidv7(), "subject");
    expect(await old.chainOne(tenancy)).toBe(1);
    const { token } = await old.mint();
    const kid = await old.kid();
    expect(await signingRows()).toEqual([{ provider: from, signs: true }]);
    const worker = await start(both());
    const report = await worker.renew();
    expect(report).toMatchObject({ left: 0, replaced: 0 });
    expect(report.renewed).toBeGreaterThanOrEqual(2);
    expect(await worker.renew()).toEqual({ renewed: 0, left: 0, replaced: 0 });
    expect(await signingRows()).toEqual([{ provider: to, signs: true }]);
    const alone = await start(after());
    expect(await alone.kid()).toBe(kid);
    expect(await alone.chainOne(tenancy)).toBe(2);
    expect(await alone.tokens.read(token)).toBeDefined();
    expect(await alone.tokens.read((await alone.mint()).token)).toBeDefined();
  });

  it("another key signs where the old provider went first, and what was signed stays good", async () => {
    const tenancy = await record.provision();
    const old = await start(before());
    expect(await old.chainOne(tenancy)).toBe(1);
    const { token } = await old.mint();
    const alone = await start(after());
    expect(await alone.chainOne(tenancy)).toBe(2);
    expect(await alone.kid()).not.toBe(await old.kid());
    expect(await alone.tokens.read(token)).toBeDefined();
    expect(await alone.tokens.read((await alone.mint()).token)).toBeDefined();
  });

  it("it is replaced by who looks after the keys, where nobody signs meanwhile", async () => {
    const kid = await (await start(before())).kid();
    const alone = await start(after());
    expect(await alone.renew()).toEqual({ renewed: 0, left: 0, replaced: 1 });
    expect(await alone.kid()).not.toBe(kid);
  });
});

it("workers that wrap it anew at once, while another is made, leave one that signs and opens", async () => {
  await (await start({ standard: "transit", transit })).kid();
  const workers = await Promise.all(Array.from({ length: 4 }, () => start({ transit })));
  const alone = await start();
  await Promise.all([...workers.map((worker) => worker.renew()), alone.kid()]);
  expect((await signingRows()).filter(({ signs }) => signs)).toEqual([{ provider: "local", signs: true }]);
  expect(await (await start()).kid()).toBe(await (await start({ transit })).kid());
});

it("an engine that is set and does not answer is an outage, and no other key is made for it", async () => {
  const kid = await (await start({ standard: "transit", transit })).kid();
  server.sealed = true;
  const away = { reason: "DEPENDENCY_UNAVAILABLE", metadata: { dependency: "key_provider" } };
  for (const standard of ["local", "transit"] as const) {
    await expect((await start({ standard, transit })).kid()).rejects.toMatchObject(away);
  }
  const worker = await start({ transit });
  expect(await worker.renew()).toEqual({ renewed: 0, left: 1, replaced: 0 });
  expect(await signingRows()).toEqual([{ provider: "transit", signs: true }]);
  server.sealed = false;
  expect(await worker.renew()).toEqual({ renewed: 1, left: 0, replaced: 0 });
  expect(await (await start()).kid()).toBe(kid);
});
