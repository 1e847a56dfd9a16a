import { MnemeError } from "@mneme/core/errors.ts";
import { type Administrator, stateConflict } from "@mneme/core/tenancy/administrator.ts";
import type { ApiKeyDraft, ApiKeyStore } from "@mneme/core/tenancy/api-key-store.ts";
import type { NewApiKey } from "@mneme/core/tenancy/new-api-key.ts";
import { BOOTSTRAP_KEY_ID } from "@mneme/core/tenancy/system-tenant.ts";
import { projectNotFound } from "@mneme/core/tenancy/trusted-keys.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { administer, administerPlainly } from "./administer.ts";
import { API_KEY_COLUMNS, type ApiKeyRow, insertApiKey, readApiKey, toApiKey } from "./api-key-rows.ts";
import { lockBootstrap } from "./bootstrap.ts";
import { readPage } from "./pages.ts";

/**
 * API keys of a tenant; of their secrets only a hash is kept. Nothing of them is sealed, so only making one needs a key of
 * the tenant.
 */
export function createApiKeyStore(database: Database): ApiKeyStore {
  return {
    create: (who, draft, made, request, signal) =>
      administer(
        database,
        who,
        async (transaction) => {
          const { client } = transaction;
          const id = uuidv7();
          const done = await claimRequest(transaction, who.tenantId, request, { id });
          if (!done) await insert(client, who, id, draft, made);
          const key = toApiKey(await readApiKey(transaction, who.tenantId, (done ?? { id }).id));
          return { key, secret: done ? undefined : made.secret };
        },
        signal,
      ),
    get: (who, apiKeyId, signal) =>
      administerPlainly(
        database,
        who,
        async (transaction) =>
          toApiKey(await readApiKey(transaction, who.tenantId, apiKeyId || who.apiKeyId)),
        signal,
      ),
    list: (who, { projectId, showEnded, ...asked }, signal) =>
      administerPlainly(
        database,
        who,
        async (transaction) => {
          const restricted = [who.tenantId, projectId || null, showEnded];
          return readPage(transaction, {
            type: "api_key",
            asked,
            filters: ["api_keys", projectId, showEnded],
            read: async (after, most) =>
              (await transaction.client.query<ApiKeyRow>(LIST, [...restricted, after ?? null, most])).rows,
            positionOf: ({ id }) => id,
            open: (rows) => rows.map(toApiKey),
          });
        },
        signal,
      ),
    rotate: (who, { apiKeyId, overlapSeconds }, made, request, allow, signal) =>
      administerPlainly(
        database,
        who,
        async (transaction) => {
          const { client } = transaction;
          const { tenantId } = who;
          const ids = { old: apiKeyId || who.apiKeyId, id: uuidv7() };
          const old = await readApiKey(transaction, tenantId, ids.old, "for update");
          const done = await claimRequest(transaction, tenantId, request, ids);
          if (!done) {
            allow({ ...toApiKey(old), holdsGrants: await holdsGrants(client, tenantId, old.id) });
            await replace(client, who, old, ids.id, made, overlapSeconds);
          }
          const key = toApiKey(await readApiKey(transaction, tenantId, (done ?? ids).id));
          const replaced = toApiKey(await readApiKey(transaction, tenantId, ids.old));
          return { key, replaced, secret: done ? undefined : made.secret };
        },
        signal,
      ),
    revoke: (who, apiKeyId, request, signal) =>
      administerPlainly(
        database,
        who,
        async (transaction) => {
          const { client } = transaction;
          await readApiKey(transaction, who.tenantId, apiKeyId, "for update");
          if (!(await claimRequest(transaction, who.tenantId, request))) {
            await client.query(
              "update api_keys set revoked_at = coalesce(revoked_at, now()) where tenant_id = $1 and id = $2",
              [who.tenantId, apiKeyId],
            );
          }
          return toApiKey(await readApiKey(transaction, who.tenantId, apiKeyId));
        },
        signal,
      ),
  };
}

const LIST = `select ${API_KEY_COLUMNS} from api_keys
  where tenant_id = $1 and ($2::uuid is null or project_id = $2)
    and ($3 or (revoked_at is null and (expires_at is null or expires_at > now())))
    and ($4::uuid is null or id < $4)
  order by id desc limit $5`;

async function insert(
  client: pg.PoolClient,
  { tenantId, apiKeyId }: Administrator,
  id: string,
  draft: ApiKeyDraft,
  made: NewApiKey,
): Promise<void> {
  if (apiKeyId === BOOTSTRAP_KEY_ID && (await lockBootstrap(client))) throw bootstrapIsOver();
  if (draft.projectId !== undefined) {
    const text = "select from projects where tenant_id = $1 and id = $2";
    if ((await client.query(text, [tenantId, draft.projectId])).rowCount === 0) throw projectNotFound();
  }
  const madeBy = apiKeyId === BOOTSTRAP_KEY_ID ? undefined : apiKeyId;
  await insertApiKey(client, { tenantId, id, draft, made, madeBy });
}

/** In force. Nobody makes or renews one while the key's row is held for its rotation. */
const GRANTED = "tenant_id = $1 and grantee_id = $2 and (expires_at is null or expires_at > now())";

async function holdsGrants(client: pg.PoolClient, tenantId: string, apiKeyId: string): Promise<boolean> {
  const { rowCount } = await client.query(`select from grants where ${GRANTED} limit 1`, [
    tenantId,
    apiKeyId,
  ]);
  return rowCount === 1;
}

async function replace(
  client: pg.PoolClient,
  { tenantId, apiKeyId }: Administrator,
  old: ApiKeyRow,
  id: string,
  made: NewApiKey,
  overlapSeconds: number,
): Promise<void> {
  refuseEnded(old);
  const lifetimeMs = old.expires_at && old.expires_at.getTime() - old.created_at.getTime();
  const expiresAt = lifetimeMs === null ? undefined : new Date(Date.now() + lifetimeMs);
  await insertApiKey(client, {
    tenantId,
    id,
    draft: { ...toApiKey(old), expiresAt },
    made,
    madeBy: apiKeyId,
    firstId: old.first_id ?? old.id,
  });
  await client.query(
    `insert into grants (tenant_id, id, team_id, grantee_kind, grantee_id, access, expires_at,
       wide_kind, wide_of)
     select tenant_id, gen_random_uuid(), team_id, grantee_kind, $3, access, expires_at, wide_kind, wide_of
     from grants where ${GRANTED}`,
    [tenantId, old.id, id],
  );
  await client.query(
    `update api_keys set replaced_by = $3, expires_at = least(expires_at, now() + make_interval(secs => $4))
     where tenant_id = $1 and id = $2`,
    [tenantId, old.id, id, overlapSeconds],
  );
}

function refuseEnded(key: ApiKeyRow): void {
  if (key.revoked_at) throw stateConflict("revoked", "the key was revoked; make a new one");
  if (key.replaced_by)
    throw stateConflict("replaced", "the key was rotated before; rotate the one that replaced it");
  if (key.has_expired) throw stateConflict("expired", "the key has expired; make a new one");
}

/** Two who bootstrap at once: one has made a key, and for the other the credential is dead. */
function bootstrapIsOver(): MnemeError {
  return new MnemeError(
    "unauthenticated",
    "CREDENTIALS_INVALID",
    "the operator has a key: the bootstrap credential works no more",
  );
}
