import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "@mneme/local/config.ts";
import { memoriesTemplate } from "@mneme/opensearch/template.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const PAGE = "docs/security.md";
const page = readFileSync(join(ROOT, PAGE), "utf8");

let record: TestRecord;
beforeAll(async () => {
  record = await openTestRecord("columns");
});
afterAll(() => record?.[Symbol.asyncDispose]());

/** The cells of a table of the page, row by row, without its head. */
function rowsOf(name: string): string[][] {
  const [, table = ""] = new RegExp(`<!-- ${name} -->\n([^]*?)<!-- end -->`).exec(page) ?? [];
  const rows = table.trim().split("\n").slice(2);
  return rows.map((row) => row.split("|").slice(1, -1));
}

const namesIn = (cell = "") => [...cell.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name as string);

const CLASSES = ["sealed", "keyed hash", "hash", "plain"] as const;

/** `table.column`, and how the page says that it is kept. */
function classified(name: string): Map<string, (typeof CLASSES)[number]> {
  const found = new Map<string, (typeof CLASSES)[number]>();
  for (const [first, ...cells] of rowsOf(name)) {
    const [table] = namesIn(first);
    CLASSES.forEach((kept, i) => {
      for (const column of namesIn(cells[i])) found.set(`${table}.${column}`, kept);
    });
  }
  return found;
}

/** Columns that could hold somebody's words, or a secret. */
async function columnsOf(pool: pg.Pool, schema: string): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select c.table_name || '.' || c.column_name as name
     from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
     where c.table_schema = $1 and t.table_type = 'BASE TABLE'
       and (c.column_name ~ '_(ct|mac)$'
         or c.data_type not in ('uuid', 'boolean', 'smallint', 'integer', 'bigint', 'real', 'double precision',
                                'numeric', 'date', 'timestamp with time zone', 'interval'))
     order by 1`,
    [schema],
  );
  return rows.map(({ name }) => name);
}

describe.each([
  ["record", "mneme"],
  ["keys", "public"],
] as const)("columns of the %s", (name, schema) => {
  it("are each classified in the page, and nothing is that is not there", async () => {
    const columns = await columnsOf(name === "record" ? record.admin : record.keysAdmin, schema);
    expect(columns.length).toBeGreaterThan(10);
    expect([...classified(name).keys()].toSorted(), `classify new columns in ${PAGE}`).toEqual(
      columns.toSorted(),
    );
  });

  it("are kept as their names say", () => {
    for (const [column, kept] of classified(name)) {
      if (column.endsWith("_ct")) expect([column, kept]).toEqual([column, "sealed"]);
      if (column.endsWith("_mac")) expect([column, kept]).toEqual([column, "keyed hash"]);
    }
  });
});

it("names every field of the index", () => {
  const fields = [...Object.keys(memoriesTemplate().template.mappings.properties), "vector"];
  expect(
    rowsOf("index")
      .flatMap(([, cell]) => namesIn(cell))
      .toSorted(),
  ).toEqual(fields.toSorted());
});
