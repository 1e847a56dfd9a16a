import { onDatabaseOf } from "@mneme/local/record.ts";
import pg from "pg";
import type { TestStack } from "./test-stack.ts";

/** How many of a tenant's memory versions the record has, has not indexed yet, and the index has. */
export interface Agreement {
  readonly versions: number;
  readonly behind: number;
  readonly documents: number;
}

/** Compares the record of a stack with its index, each asked by its own superuser. */
export async function compareRecordAndIndex(
  stack: TestStack,
  engines: { readonly postgresUrl: string; readonly opensearchUrl: string },
): Promise<Agreement> {
  const { tenantId } = stack.tenant;
  const client = new pg.Client({
    connectionString: onDatabaseOf(engines.postgresUrl, stack.record.urls.app),
  });
  await client.connect();
  try {
    const { rows } = await client.query<{ versions: string; behind: string }>(
      `select count(*) as versions, count(*) filter (where indexed_revision < revision) as behind
       from mneme.memory_versions where tenant_id = $1`,
      [tenantId],
    );
    const answer = await fetch(`${engines.opensearchUrl}/mneme-t-${tenantId}/_count`);
    const { count } = (await answer.json()) as { count: number };
    return { versions: Number(rows[0]?.versions), behind: Number(rows[0]?.behind), documents: count };
  } finally {
    await client.end();
  }
}
