import type { Administrator } from "@mneme/core/tenancy/administrator.ts";
import { projectNotFound } from "@mneme/core/tenancy/trusted-keys.ts";
import { type Database, type TenantTransaction, transact } from "../database.ts";

/**
 * Runs `work` in one transaction of the tenant that sees all of its projects, or of a project's own key that project
 * alone.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export function administer<T>(
  database: Database,
  { tenantId, projectId, isOfTenant, audit }: Administrator,
  work: (transaction: TenantTransaction) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (projectId === "") throw projectNotFound();
  return transact(
    database,
    { tenantId, projectId, audit },
    async (transaction) => {
      if (!isOfTenant) {
        const text = "select set_config('mneme.project_id', $1, true)";
        await transaction.client.query({ name: "administer_project", text, values: [projectId] });
      }
      return work(transaction);
    },
    signal,
  );
}
