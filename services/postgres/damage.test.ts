import { createCipher } from "@mneme/core/encryption/cipher.ts";
import { createLocalKeyProviders } from "@mneme/core/encryption/local-key-provider.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createExtractionStore } from "./extraction-store.ts";
import { createIngestStore } from "./ingest-store.ts";
import { createKeyStore } from "./key-store.ts";
import { createMemoryStore } from "./memory-store.ts";
import { createPool } from "./pool.ts";
import type { Provisioned } from "./provision.ts";
import { createReindexStore } from "./reindex-store.ts";
import { createSearchStore } from "./search-store.ts";
import { acceptTurns, readBucketOf, seedMemories, targetOf } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

describe("values that do not open", () => {
  let record: TestRecord;
  /** Anew for each test: what is damaged stays, and would be met by the next one in its bucket. */
  let tenant: Provisioned;
  beforeAll(async () => {
    record = await openTestRecord("damage");
  });
  beforeEach(async () => {
    tenant = await record.provision();
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const say = async (scope: Scope, ...texts: string[]) => {
    const accepted = await acceptTurns(record, tenant, scope, texts, new Date("2026-05-01T00:00:00Z"));
    return accepted.extraction.id;
  };
  const seed = (userId: string, ...texts: string[]) => seedMemories(record, tenant, { userId }, texts);
  const read = (extractionId: string) => readBucketOf(record, tenant.tenantId, extractionId);
  const streamOf = async (extractionId: string) => {
    const { rows } = await record.admin.query<{ streamId: string; audience: string; bucket: number }>(
      `select stream_id as "streamId", audience, bucket from mneme.messages where extraction_id = $1 limit 1`,
      [extractionId],
    );
    if (!rows[0]) throw new Error("nothing was said");
    return rows[0];
  };
  const damageText = (memoryId: string | undefined) =>
    record.admin.query(
      `update mneme.memory_versions set text_ct = ${flipped("text_ct")} where memory_id = $1`,
      [memoryId],
    );

  it("fail the stream whose messages they are, and no other of its batch", async () => {
    const damaged = await say({ userId: "eve" }, "I paint.", "I draw.");
    await record.admin.query(
      `update mneme.messages set body_ct = ${flipped("body_ct")} where extraction_id = $1`,
      [damaged],
    );
    const other = await sayInBucketOf(damaged, "I dance.");
    const { read: given, failed } = await read(damaged);
    expect(given.map(({ turns }) => turns)).toEqual([["I dance."]]);
    expect(failed[0]).toMatchObject({ extractionId: damaged, reason: "INTERNAL", retryable: true });
    expect(new Set(failed.map(({ streamId }) => streamId)).size).toBe(1);
    expect(await createExtractionStore(record.database).get(tenant, other)).toMatchObject({ attempts: 0 });
  });

  /** Somebody else's message. @returns its extraction's id. */
  const sayInBucketOf = async (extractionId: string, text: string): Promise<string> => {
    const { bucket } = await streamOf(extractionId);
    for (let i = 0; ; i += 1) {
      const other = await say({ userId: `other-${i}` }, text);
      if ((await streamOf(other)).bucket === bucket) return other;
    }
  };

  it("are gone without where a neighbour's or the stream's own", async () => {
    const person = { userId: "gina" };
    const [knits] = await seed(person.userId, "Gina knits.");
    const extractionId = await say(person, "I really knit.");
    await damageText(knits?.id);
    const { streamId, audience } = await streamOf(extractionId);
    await record.admin.query("update mneme.streams set participants_ct = '\\x01' where id = $1", [streamId]);
    const asked = [{ streamId, audience, memoryId: knits?.id ?? "" }];
    const store = createIngestStore(record.database);
    expect(await store.statements(tenant.tenantId, asked)).toEqual([undefined]);
    const { read: given, failed } = await read(extractionId);
    expect(failed).toEqual([]);
    expect(given.map(({ turns }) => turns)).toEqual([["I really knit."]]);
  });

  it("are left out of a search, which tells of them, and are not hidden from who asks for them", async () => {
    const [runs, swims] = await seed("hal", "Hal runs.", "Hal swims.");
    await damageText(runs?.id);
    const damaged: string[] = [];
    const search = createSearchStore(record.database, { onDamaged: (id) => damaged.push(id) });
    const { ids } = (await search.resolve(tenant, { userId: "hal" })) ?? {};
    if (!ids || !runs || !swims) throw new Error("nothing was seeded");
    const refs = [runs, swims].map(({ id }) => ({ memoryId: id, version: 1 }));
    const found = await search.hydrate(tenant, ids, refs, { asOf: undefined, knownAt: undefined });
    expect(found.map(({ text }) => text)).toEqual(["Hal swims."]);
    expect(damaged).toEqual([runs.id]);
    await expect(createMemoryStore(record.database).get(tenant, [runs.id])).rejects.toThrow("does not open");
  });

  it("stop a reindex, and are no damage where the fault is the key's", async () => {
    const [otto] = await seed("otto", "Otto bakes.");
    await damageText(otto?.id);
    const pages = createReindexStore(record.database, "shared");
    await expect(pages.page(tenant.tenantId, { after: undefined, limit: 1_000 })).rejects.toThrow(
      "is damaged",
    );
    const { streamId } = await streamOf(await say({ userId: "otto" }, "I bake rye."));
    const keys = { ...record.keys, get: () => Promise.reject(new Error("cannot unwrap")) };
    const locked = createIngestStore({ ...record.database, cipher: createCipher(keys) });
    await expect(locked.loadStream(tenant.tenantId, streamId, 10)).rejects.toThrow("unwrap");
  });

  it("are neither shredded nor damaged where the key store is older than they are", async () => {
    await seed("ivo", "Ivo rows.");
    const extractionId = await say({ userId: "ivo" }, "I row.");
    const { rows: subjects } = await record.admin.query<{ keyId: string }>(
      `select s.key_id as "keyId" from mneme.messages m
       join mneme.subjects s on s.tenant_id = m.tenant_id and s.id = m.subject_id where m.extraction_id = $1`,
      [extractionId],
    );
    await record.admin.query(
      "update mneme.memory_versions set revision = nextval('mneme.index_revision') where tenant_id = $1",
      [tenant.tenantId],
    );
    await record.keysAdmin.query("delete from data_keys where key_id = $1", [subjects[0]?.keyId]);
    const pool = createPool({ url: record.urls.keys, applicationName: "older keys test", schema: "public" });
    try {
      // As a worker has it that was just started.
      const providers = await createLocalKeyProviders({ file: record.masterKeyFile });
      const keys = createKeyStore(pool, providers);
      const store = createIngestStore({ ...record.database, keys, cipher: createCipher(keys) });
      const target = await targetOf(record, tenant.tenantId, extractionId);
      await expect(store.loadUnindexed(target, 10)).rejects.toThrow("is not in the tenant's key store");
      const { streamId } = await streamOf(extractionId);
      await expect(store.loadStream(tenant.tenantId, streamId, 10)).rejects.toThrow("is not in the");
    } finally {
      await pool.end();
    }
  });

  it("are refused to the index, which takes the rest", async () => {
    const [first, second] = await seed("finn", "Finn knits.", "Finn sews.");
    await record.admin.query(
      `update mneme.memory_versions set revision = nextval('mneme.index_revision'),
         text_ct = case when memory_id = $1 then ${flipped("text_ct")} else text_ct end
       where memory_id = any ($2)`,
      [first?.id, [first?.id, second?.id]],
    );
    await seed("finn", "Finn weaves.");
    const { rows } = await record.admin.query<{ refused: boolean; done: boolean }>(
      `select refused, indexed_revision = revision as done from mneme.memory_versions
       where memory_id = any ($1) order by memory_id = $2 desc`,
      [[first?.id, second?.id], first?.id],
    );
    expect(rows).toEqual([
      { refused: true, done: true },
      { refused: false, done: true },
    ]);
  });
});

/** A sealed value with another last byte, in SQL. */
function flipped(column: string): string {
  const last = `octet_length(${column}) - 1`;
  return `set_byte(${column}, ${last}, 255 - get_byte(${column}, ${last}))`;
}
