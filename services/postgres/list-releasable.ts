import type pg from "pg";
import { asUnavailable } from "./pool.ts";

export interface HeldProject {
  readonly tenantId: string;
  readonly projectId: string;
}

/**
 * Projects, over all tenants, whose people wait for a budget and need not any more, or may not have to.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function listReleasable(pool: pg.Pool, limit: number): Promise<HeldProject[]> {
  const { rows } = await pool
    .query<{ tenant_id: string; project_id: string }>({
      name: "list_releasable_projects",
      text: "select tenant_id, project_id from list_releasable_projects($1)",
      values: [limit],
    })
    .catch((error: unknown) => {
      throw asUnavailable(error);
    });
  return rows.map((row) => ({ tenantId: row.tenant_id, projectId: row.project_id }));
}
