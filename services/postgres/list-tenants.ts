import type pg from "pg";
import { asUnavailable } from "./pool.ts";
import type { Query } from "./read-together.ts";

/**
 * Asks a function that crosses tenants whose work waits.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function listTenants(
  pool: pg.Pool,
  query: Query<{ readonly tenant_id: string }>,
): Promise<string[]> {
  const { name, text, values } = query;
  const { rows } = await pool
    .query<{ tenant_id: string }>({ name, text, values: [...values] })
    .catch((error: unknown) => {
      throw asUnavailable(error);
    });
  return rows.map(({ tenant_id }) => tenant_id);
}
