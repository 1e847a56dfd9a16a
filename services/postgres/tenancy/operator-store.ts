import type { MadeKey } from "@mneme/core/tenancy/api-key-store.ts";
import type { NewApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import type { OperatorStore } from "@mneme/core/tenancy/operator-store.ts";
import { SYSTEM_TENANT_ID } from "@mneme/core/tenancy/system-tenant.ts";
import type { Tenant } from "@mneme/core/tenancy/tenant-store.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../database.ts";
import { claimRequest, recordResult } from "../idempotency.ts";
import { want } from "../placements.ts";
import type { Transaction } from "../plain-transaction.ts";
import { allOf } from "../pool.ts";
import { insertApiKey, readApiKey, toApiKey } from "./api-key-rows.ts";
import { FIRST_ROLES, insertTenant } from "./new-tenant.ts";
import { enter, operating, operatingPlainly } from "./operating.ts";
import { tellTenant } from "./operator-events.ts";
import { readPage } from "./pages.ts";
import { readTenant, toTenant, updateTenant } from "./tenant-rows.ts";

/**
 * Tenants as the operator has them. What makes a call repeatable is kept in the operator's own tenant.
 *
 * @param defaultPool as `PlacementsOptions`.
 */
export function createOperatorStore(database: Database, defaultPool: string): OperatorStore {
  const asOperator = operating(database);
  const asOperatorPlainly = operatingPlainly(database);

  return {
    create: (who, { name, limits }, made, request, signal) =>
      asOperator(
        who,
        async (transaction) => {
          const { client } = transaction;
          const ids = { tenantId: uuidv7(), apiKeyId: uuidv7() };
          const done = await claimRequest(transaction, SYSTEM_TENANT_ID, request, ids);
          const { tenantId, apiKeyId } = done ?? ids;
          await enter(client, tenantId);
          if (!done) {
            await insertTenant(client, database.keys, { tenantId, projectId: uuidv7(), name, limits });
            await insertAdminKey(client, tenantId, apiKeyId, made, who.apiKeyId);
          }
          const tenant = toTenant(await readTenant(transaction, tenantId));
          const madeKey = await readMade(transaction, tenantId, apiKeyId, done ? undefined : made);
          if (!done) await tellTenant(transaction, tenantId);
          return { tenant, ...madeKey };
        },
        signal,
      ),
    get: (who, tenantId, signal) =>
      asOperatorPlainly(
        who,
        async (transaction) => {
          return toTenant(await enterKnown(transaction, tenantId));
        },
        signal,
      ),
    list: (who, asked, signal) =>
      asOperatorPlainly(
        who,
        (transaction) =>
          readPage(transaction, {
            type: "tenant",
            asked,
            filters: ["tenants"],
            read: async (after, most) => {
              const text = "select id from list_tenants($1, $2) as id";
              const { rows } = await transaction.client.query<{ id: string }>(text, [
                after ?? SYSTEM_TENANT_ID,
                most,
              ]);
              return rows;
            },
            positionOf: ({ id }) => id,
            open: (rows) => readEach(transaction, rows),
          }),
        signal,
      ),
    update: (who, tenantId, update, request, signal) =>
      asOperatorPlainly(
        who,
        async (transaction) => {
          const { client } = transaction;
          const done = await claimRequest(transaction, SYSTEM_TENANT_ID, request);
          await enter(client, tenantId);
          if (!done) {
            await updateTenant(transaction, tenantId, update);
            await tellTenant(transaction, tenantId);
          }
          return toTenant(await readTenant(transaction, tenantId));
        },
        signal,
      ),
    createAdminKey: (who, tenantId, made, request, signal) =>
      asOperator(
        who,
        async (transaction) => {
          const { client } = transaction;
          const id = uuidv7();
          const done = await claimRequest(transaction, SYSTEM_TENANT_ID, request, { id });
          await enterKnown(transaction, tenantId);
          if (!done) await insertAdminKey(client, tenantId, id, made, who.apiKeyId);
          const madeKey = await readMade(transaction, tenantId, (done ?? { id }).id, done ? undefined : made);
          if (!done) await tellTenant(transaction, tenantId);
          return madeKey;
        },
        signal,
      ),
    move: (who, tenantId, pool, request, signal) =>
      asOperator(
        who,
        async (transaction) => {
          const { client } = transaction;
          const done = await claimRequest(transaction, SYSTEM_TENANT_ID, request);
          await enterKnown(transaction, tenantId);
          if (done) return;
          await want(client, tenantId, pool, defaultPool);
          // Whoever relays starts the move, or tells one that runs where to go next.
          await client.query("insert into outbox (tenant_id, topic, key) values ($1, 'move', $2)", [
            tenantId,
            pool,
          ]);
          await tellTenant(transaction, tenantId);
        },
        signal,
      ),
    placedAt: (who, tenantId, signal) =>
      asOperatorPlainly(
        who,
        async (transaction) => {
          const { client } = transaction;
          await enterKnown(transaction, tenantId);
          const text = "select updated_at from tenant_placements where tenant_id = $1";
          return (await client.query<{ updated_at: Date }>(text, [tenantId])).rows[0]?.updated_at;
        },
        signal,
      ),
    once: (who, request, work, signal) =>
      asOperator(
        who,
        async (transaction) => {
          const done = await claimRequest<Awaited<ReturnType<typeof work>>>(
            transaction,
            SYSTEM_TENANT_ID,
            request,
          );
          if (done) return done;
          const result = await work();
          await recordResult(transaction, SYSTEM_TENANT_ID, request, result);
          return result;
        },
        signal,
      ),
  };
}

/** Goes behind the tenant's fence. @throws as `readTenant` where there is none. */
async function enterKnown(transaction: Transaction, tenantId: string) {
  await enter(transaction.client, tenantId);
  return readTenant(transaction, tenantId);
}

/** Each under its own fence, all in one round trip: a connection answers in order. */
async function readEach(
  transaction: Transaction,
  rows: readonly { readonly id: string }[],
): Promise<Tenant[]> {
  const reads = rows.map(async ({ id }) => {
    const [, row] = await allOf([enter(transaction.client, id), readTenant(transaction, id)]);
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
  transaction: Transaction,
  tenantId: string,
  apiKeyId: string,
  made: NewApiKey | undefined,
): Promise<MadeKey> {
  return { key: toApiKey(await readApiKey(transaction, tenantId, apiKeyId)), secret: made?.secret };
}
