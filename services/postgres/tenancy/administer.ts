import type { Administrator } from "@mneme/core/tenancy/administrator.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { projectNotFound } from "@mneme/core/tenancy/trusted-keys.ts";
import { type Database, type TenantTransaction, transact } from "../database.ts";
import { type PlainTransaction, type Transaction, transactPlainly } from "../plain-transaction.ts";

/**
 * Runs `work` in one transaction of the tenant that sees all of its projects, or of a project's own key that project
 * alone.
 *
 * @throws MnemeError TENANT_KEY_REVOKED; DEPENDENCY_UNAVAILABLE when the database or the key's provider does not answer.
 */
export async function administer<T>(
  database: Database,
  who: Administrator,
  work: (transaction: TenantTransaction) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return transact(database, tenancyOf(who), confined(who, work), signal);
}

/**
 * As `administer`, for what touches nothing sealed: it waits for no key of the tenant, so that whoever must end an access
 * can do it while the key's provider is away, or has revoked.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function administerPlainly<T>(
  { pool }: Pick<Database, "pool">,
  who: Administrator,
  work: (transaction: PlainTransaction) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return transactPlainly(pool, tenancyOf(who), confined(who, work), signal);
}

function tenancyOf({ tenantId, projectId, audit }: Administrator): Tenancy {
  if (projectId === "") throw projectNotFound();
  return { tenantId, projectId, audit };
}

function confined<In extends Transaction, T>(
  { isOfTenant, projectId }: Administrator,
  work: (transaction: In) => Promise<T>,
): (transaction: In) => Promise<T> {
  return async (transaction) => {
    if (!isOfTenant) {
      const text = "select set_config('mneme.project_id', $1, true)";
      await transaction.client.query({ name: "administer_project", text, values: [projectId] });
    }
    return work(transaction);
  };
}
