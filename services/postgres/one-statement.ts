import type pg from "pg";
import { allOf, withTenant } from "./pool.ts";
import { type Query, readTogether } from "./read-together.ts";

/**
 * Reads what one statement finds of a tenant, behind its fence.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function readOne<Row>(pool: pg.Pool, tenantId: string, query: Query<Row>): Promise<Row[]> {
  const [rows] = await readTogether(pool, { tenantId }, [query]);
  return rows;
}

/**
 * Runs one statement that writes, behind the tenant's fence, with its commit in the same round trip.
 *
 * @returns how many rows it wrote.
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export function writeOne(pool: pg.Pool, tenantId: string, query: Query<unknown>): Promise<number> {
  return withTenant(pool, tenantId, async (client, commit) => {
    const [{ rowCount }] = await allOf([client.query({ ...query, values: [...query.values] }), commit()]);
    return rowCount ?? 0;
  });
}
