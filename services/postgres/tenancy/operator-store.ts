import { MnemeError } from "@mneme/core/errors.ts";
import type { MadeKey } from "@mneme/core/tenancy/api-key-store.ts";
import type { NewApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import type { OperatorStore } from "@mneme/core/tenancy/operator-store.ts";
import { SYSTEM_PROJECT_ID, SYSTEM_TENANT_ID } from "@mneme/core/tenancy/system-tenant.ts";
import type { Tenant } from "@mneme/core/tenancy/tenant-store.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import { type Database, type TenantTransaction, transact } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { allOf } from "../pool.ts";
import { insertApiKey, readApiKey, toApiKey } from "./api-key-rows.ts";
import { FIRST_ROLES, insertTenant } from "./new-tenant.ts";
import { readPage } from "./pages.ts";
import { readTenant, toTenant, updateTenant } from "./tenant-rows.ts";

/** Tenants as the operator has them. What makes a call repeatable is kept in the operator's own tenant. */
export function createOperatorStore(database: Database): OperatorStore {
  const asOperator = <T>(work: (transaction: TenantTransaction) => Promise<T>, signal?: AbortSignal) =>
    transact(database, { tenantId: SYSTEM_TENANT_ID, projectId: SYSTEM_PROJECT_ID }, work, signal);

  return {
    create: (who, { name, limits }, made, request, signal) =>
      asOperator(async (transaction) => {
        const { client } = transaction;
        const ids = { tenantId: uuidv7(), apiKeyId: uuidv7() };
        const done = await claimRequest(transaction, SYSTEM_TENANT_ID, request, ids);
        const { tenantId, apiKeyId } = done ?? ids;
        await enter(client, tenantId);
        if (!done) {
          await insertTenant(client, database.keys, { tenantId, projectId: uuidv7(), name, limits });
          await insertAdminKey(client, tenantId, apiKeyId, made, who.apiKeyId);
        }
        const tenant = toTenant(await readTenant(client, tenantId));
        return { tenant, ...(await readMade(client, tenantId, apiKeyId, done ? undefined : made)) };
      }, signal),
    get: (_who, tenantId, signal) =>
      asOperator(async ({ client }) => {
        await enter(client, tenantId);
        return toTenant(await readTenant(client, tenantId));
      }, signal),
    list: (_who, asked, signal) =>
      asOperator(
        ({ client, mac }) =>
          readPage(mac, {
            asked,
            filters: ["tenants"],
            read: async (after, most) => {
              const text = "select id from list_tenants($1, $2) as id";
              const { rows } = await client.query<{ id: string }>(text, [after ?? SYSTEM_TENANT_ID, most]);
              return rows;
            },
            positionOf: ({ id }) => id,
            open: (rows) => readEach(client, rows),
          }),
        signal,
      ),
    update: (_who, tenantId, update, request, signal) =>
      asOperator(async (transaction) => {
        const { client } = transaction;
        const done = await claimRequest(transaction, SYSTEM_TENANT_ID, request);
        await enter(client, tenantId);
        if (!done) await updateTenant(client, tenantId, update);
        return toTenant(await readTenant(client, tenantId));
      }, signal),
    createAdminKey: (who, tenantId, made, request, signal) =>
      asOperator(async (transaction) => {
        const { client } = transaction;
        const id = uuidv7();
        const done = await claimRequest(transaction, SYSTEM_TENANT_ID, request, { id });
        await enter(client, tenantId);
        await readTenant(client, tenantId);
        if (!done) await insertAdminKey(client, tenantId, id, made, who.apiKeyId);
        return readMade(client, tenantId, (done ?? { id }).id, done ? undefined : made);
      }, signal),
  };
}

/** From here on the transaction stands under this tenant's fence. @throws MnemeError TENANT_NOT_FOUND. */
async function enter(client: pg.PoolClient, tenantId: string): Promise<void> {
  if (tenantId === SYSTEM_TENANT_ID) {
    throw new MnemeError("not_found", "TENANT_NOT_FOUND", "there is no such tenant", {
      metadata: { tenant_id: tenantId },
    });
  }
  await client.query({
    name: "enter_tenant",
    text: "select set_config('mneme.tenant_id', $1, true)",
    values: [tenantId],
  });
}

/** Each under its own fence, all in one round trip: a connection answers in order. */
async function readEach(client: pg.PoolClient, rows: readonly { readonly id: string }[]): Promise<Tenant[]> {
  const reads = rows.map(async ({ id }) => {
    const [, row] = await allOf([enter(client, id), readTenant(client, id)]);
    return toTenant(row);
  });
  return allOf(reads);
}

function insertAdminKey(
  client: pg.PoolClient,
  tenantId: string,
  id: string,
  made: NewApiKey,
  madeBy: string,
): Promise<void> {
  const draft = { name: "admin", projectId: undefined, roles: FIRST_ROLES, limits: {}, expiresAt: undefined };
  return insertApiKey(client, { tenantId, id, draft, made, madeBy });
}

async function readMade(
  client: pg.PoolClient,
  tenantId: string,
  apiKeyId: string,
  made: NewApiKey | undefined,
): Promise<MadeKey> {
  return { key: toApiKey(await readApiKey(client, tenantId, apiKeyId)), secret: made?.secret };
}
