import { afterAll, beforeAll, expect, it } from "vitest";
import type { Provisioned } from "./provision.ts";
import { seedMemories } from "./testing/memories.ts";
import { openTestRecord, type TestRecord } from "./testing/record.ts";

/** Most of a tenant's memories are archived, of others, or not due: what ageing asks for is few. */
const OTHERS = 20_000;

let record: TestRecord;
let tenant: Provisioned;
beforeAll(async () => {
  record = await openTestRecord("ageing_plans");
  tenant = await record.provision();
  const [first] = await seedMemories(record, tenant, { userId: "ada" }, ["Ada rows."]);
  const copies = (from: number, to: number, members: string) =>
    record.admin.query(
      `insert into mneme.memories
       select (jsonb_populate_record(m, jsonb_build_object('id', gen_random_uuid()) || ${members})).*
       from mneme.memories m, generate_series($2::integer, $3::integer) g
       where m.id = $1`,
      [first?.id, from, to],
    );
  await copies(1, OTHERS, `jsonb_build_object('archived_at', now(), 'archive_reason', 'by_hand')`);
  await copies(
    1,
    5_000,
    `jsonb_build_object('review_at', now() + g * interval '1 day', 'fades_at', now() + g * interval '1 day')`,
  );
  await record.admin.query("vacuum analyze mneme.memories");
}, 60_000);
afterAll(() => record?.[Symbol.asyncDispose]());

async function planOf(query: string): Promise<string> {
  const { rows } = await record.admin.query<{ "QUERY PLAN": string }>(`explain ${query}`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

it.each([
  [
    "memories_held_by_stream",
    "select count(*) from mneme.memories m where TENANT and m.stream_id = STREAM and HELD",
  ],
  [
    "memories_held",
    "select m.id from mneme.memories m where TENANT and m.project_id = PROJECT and HELD order by m.id limit 50",
  ],
  [
    "memories_review",
    "select m.id from mneme.memories m where TENANT and m.project_id = PROJECT and m.review_at <= now() and HELD",
  ],
  [
    "memories_fading",
    "select m.id from mneme.memories m where TENANT and m.project_id = PROJECT and m.fades_at <= now() and HELD",
  ],
  [
    "memories_archived",
    `select exists (select from mneme.memories m where TENANT and m.project_id = PROJECT and m.subject_id = SUBJECT
       and m.archived_at is not null and m.archive_reason = 'inactive')`,
  ],
  [
    "memories_present",
    `select max(m.created_at) from mneme.memories m where TENANT and m.project_id = PROJECT and m.subject_id = SUBJECT
       and m.archived_at is null`,
  ],
  [
    "memories_list",
    `select m.subject_id from mneme.memories m where TENANT and m.project_id = PROJECT
       and m.subject_id > '00000000-0000-0000-0000-000000000000' order by m.subject_id limit 1`,
  ],
])("reads by %s what is asked for every night, or with every call", async (index, query) => {
  const { rows } = await record.admin.query<{ stream_id: string; subject_id: string }>(
    "select stream_id, subject_id from mneme.memories where tenant_id = $1 limit 1",
    [tenant.tenantId],
  );
  const asked = query
    .replace("TENANT", `m.tenant_id = '${tenant.tenantId}'`)
    .replace("PROJECT", `'${tenant.projectId}'`)
    .replace("STREAM", `'${rows[0]?.stream_id}'`)
    .replace("SUBJECT", `'${rows[0]?.subject_id}'`)
    .replace("HELD", "m.state = 'active' and m.archived_at is null");
  expect(await planOf(asked)).toMatch(new RegExp(`Index (Only )?Scan.* (using|on) ${index}\\b`));
});
