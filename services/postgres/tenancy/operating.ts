import { MnemeError } from "@mneme/core/errors.ts";
import type { Administrator } from "@mneme/core/tenancy/administrator.ts";
import { SYSTEM_PROJECT_ID, SYSTEM_TENANT_ID } from "@mneme/core/tenancy/system-tenant.ts";
import type pg from "pg";
import { type Database, type TenantTransaction, transact } from "../database.ts";
import { type PlainTransaction, type Transaction, transactPlainly } from "../plain-transaction.ts";

/**
 * Runs work in a transaction that begins under the fence of the operator's own tenant and may `enter` others, one at a time. Its
 * event stands in the operator's trail, whichever fence the work ends under.
 */
export function operating(database: Database) {
  return <T>(
    { audit }: Administrator,
    work: (transaction: TenantTransaction) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> => transact(database, { ...SYSTEM, audit }, returning(work), signal);
}

/** As `operating`, for what touches nothing sealed: tenants are found and suspended also while no key can be opened. */
export function operatingPlainly({ pool }: Pick<Database, "pool">) {
  return <T>(
    { audit }: Administrator,
    work: (transaction: PlainTransaction) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> => transactPlainly(pool, { ...SYSTEM, audit }, returning(work), signal);
}

const SYSTEM = { tenantId: SYSTEM_TENANT_ID, projectId: SYSTEM_PROJECT_ID };

function returning<In extends Transaction, T>(
  work: (transaction: In) => Promise<T>,
): (transaction: In) => Promise<T> {
  return async (transaction) => {
    const result = await work(transaction);
    await stand(transaction.client, SYSTEM_TENANT_ID);
    return result;
  };
}

/** From here on the transaction stands under this tenant's fence. @throws MnemeError TENANT_NOT_FOUND. */
export async function enter(client: pg.PoolClient, tenantId: string): Promise<void> {
  if (tenantId !== SYSTEM_TENANT_ID) return stand(client, tenantId);
  throw new MnemeError("not_found", "TENANT_NOT_FOUND", "there is no such tenant", {
    metadata: { tenant_id: tenantId },
  });
}

async function stand(client: pg.PoolClient, tenantId: string): Promise<void> {
  const text = "select set_config('mneme.tenant_id', $1, true)";
  await client.query({ name: "stand_in_tenant", text, values: [tenantId] });
}
