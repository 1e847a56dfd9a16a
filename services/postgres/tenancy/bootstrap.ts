import type { Operators } from "@mneme/core/tenancy/bootstrap-key.ts";
import { SYSTEM_TENANT_ID } from "@mneme/core/tenancy/system-tenant.ts";
import type pg from "pg";
import type { Database } from "../database.ts";
import { asUnavailable, withTenant } from "../pool.ts";
import { insertSystemTenant, lockSystemTenant } from "./new-tenant.ts";

/** Whether the deployment has an operator, and the tenant that holds the operator's keys. */
export function createOperators({ pool, keys }: Pick<Database, "pool" | "keys">): Operators {
  return {
    hasOperator: () => hasOperator(pool),
    prepare: () => withTenant(pool, SYSTEM_TENANT_ID, (client) => insertSystemTenant(client, keys)),
  };
}

/** Lets one bootstrap go on at a time, until its transaction ends. @returns whether an operator has a key by now. */
export async function lockBootstrap(client: pg.PoolClient): Promise<boolean> {
  await lockSystemTenant(client);
  return hasOperator(client);
}

async function hasOperator(client: pg.PoolClient | pg.Pool): Promise<boolean> {
  const { rows } = await client
    .query<{ has: boolean }>("select has_operator() as has")
    .catch((error: unknown) => {
      throw asUnavailable(error);
    });
  return rows[0]?.has ?? false;
}
