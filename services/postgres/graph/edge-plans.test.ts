import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openReader, type TenantReader } from "../read-together.ts";
import { createSearchStore } from "../search-store.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { edgesAt } from "./edges.ts";
import { readerOf, tell } from "./graph-testing.ts";
import { type Visible, visibleTo } from "./visible.ts";

/** Edges of one person at a name that most of what they tell is about. */
const EDGES = 20_000;
const scope = { userId: "ada" };

let record: TestRecord;
let reader: TenantReader;
let visible: Visible;
let hub: string;

beforeAll(async () => {
  record = await openTestRecord("edge_plans");
  const { tenant } = record;
  await tell(record, tenant, scope, [
    {
      text: "Rust is liked by Tom, who knows Ada.",
      names: ["Tom", "Rust/product", "Ada"],
      relations: ["Tom > likes > Rust", "Ada > knows > Tom"],
    },
  ]);
  hub = (await readerOf(record, tenant, scope).find("Tom")).id;
  await record.admin.query(
    `insert into mneme.relations
     select (jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(),
       'recorded_from', r.recorded_from - g * interval '1 minute'))).*
     from mneme.relations r, generate_series(1, $1::integer) g`,
    [EDGES / 2],
  );
  await record.admin.query("vacuum analyze mneme.relations, mneme.memories");
  const found = await createSearchStore(record.database).resolve(tenant, scope);
  if (!found) throw new Error("nobody of that name");
  reader = await openReader(record.database, tenant);
  visible = visibleTo(reader, { ids: found.ids, asOf: undefined, knownAt: undefined });
}, 60_000);
afterAll(() => record?.[Symbol.asyncDispose]());

describe("the newest edges at a name that has very many", () => {
  it.each([["source"], ["target"]] as const)(
    "are read by their index, in its order, of each %s",
    async (end) => {
      const [rows] = await reader.read([
        {
          name: `explain_${end}`,
          text: `explain ${edgesAt(visible, `$${visible.next}::uuid`, end, "50")}`,
          values: [...visible.values, hub],
        },
      ]);
      const plan = rows.map((row) => (row as { "QUERY PLAN": string })["QUERY PLAN"]).join("\n");
      expect(plan).toMatch(new RegExp(`Index Scan using relations_${end} `));
      expect(plan).not.toMatch(/Sort/);
    },
  );
});
