import { createHash } from "node:crypto";
import type { TenantKeyVersion } from "@mneme/core/encryption/tenant-key.ts";
import type { TenantKeyStore } from "@mneme/core/encryption/tenant-key-store.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type pg from "pg";
import { requestIdReused } from "./idempotency.ts";
import { asUnavailable, withClient } from "./pool.ts";
import { fromVersion, KEY_COLUMNS, type TenantKeyRow, toVersion } from "./tenant-key-rows.ts";

/** Tenants' keys, beside the data keys that they wrap. */
export function createTenantKeyStore(pool: pg.Pool): TenantKeyStore {
  const ask = async <Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]) => {
    const { rows } = await pool.query<Row>({ name, text, values }).catch((error: unknown) => {
      throw asUnavailable(error);
    });
    return rows;
  };
  return {
    async live(tenantId) {
      const text = `select ${KEY_COLUMNS} from tenant_keys where tenant_id = $1 and state <> 'retired'
                    order by version desc`;
      return (await ask<TenantKeyRow>("live_tenant_keys", text, [tenantId])).map(toVersion);
    },
    async facts(tenantId) {
      const text = `select k.created_at, (
          select count(*) from data_keys d where d.tenant_id = $1 and d.wrapped is not null
            and d.tenant_key_version is distinct from k.version) as to_rewrap
        from tenant_keys k where k.tenant_id = $1 and k.state = 'active'`;
      const [row] = await ask<{ created_at: Date; to_rewrap: string }>("tenant_key_facts", text, [tenantId]);
      return row && { createdAt: row.created_at, toRewrap: Number(row.to_rewrap) };
    },
    add: (key, request) =>
      inTransaction(pool, async (client) => {
        if (request && !(await claim(client, key.tenantId, request))) return true;
        await client.query(
          "update tenant_keys set state = 'retiring' where tenant_id = $1 and state = 'active'",
          [key.tenantId],
        );
        const { rowCount } = await client.query(
          `insert into tenant_keys (${KEY_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict do nothing`,
          fromVersion(key),
        );
        return rowCount === 1;
      }),
    async isDone(tenantId, request) {
      const text = `select body_hash from key_requests
                    where tenant_id = $1 and rpc = $2 and request_hash = $3`;
      const values = [tenantId, request.rpc, hash(request.requestId)];
      const [row] = await ask<{ body_hash: Buffer }>("find_key_request", text, values);
      if (row && !row.body_hash.equals(hash(request.body))) throw requestIdReused();
      return row !== undefined;
    },
    replace: (changes, request) =>
      inTransaction(pool, async (client) => {
        const [first] = changes;
        if (first && request && !(await claim(client, first.from.tenantId, request))) return true;
        for (const { from, to } of changes) if (!(await replaceOne(client, from, to))) return false;
        return true;
      }),
    async toRewrap(tenantId, version, limit) {
      const text = `select key_id, tenant_key_version, wrapped from data_keys
                    where tenant_id = $1 and wrapped is not null and tenant_key_version is distinct from $2
                    limit $3`;
      const rows = await ask<{ key_id: string; tenant_key_version: number | null; wrapped: Buffer }>(
        "data_keys_to_rewrap",
        text,
        [tenantId, version, limit],
      );
      return rows.map((row) => ({
        keyId: row.key_id,
        version: row.tenant_key_version ?? undefined,
        bytes: row.wrapped,
      }));
    },
    rewrapped: (tenantId, version, keys) =>
      inTransaction(pool, async (client) => {
        // Held until the end: no version follows it meanwhile, which would want them in its turn.
        const { rowCount } = await client.query(
          "select from tenant_keys where tenant_id = $1 and version = $2 and state = 'active' for share",
          [tenantId, version],
        );
        if (!rowCount) return 0;
        const updated = await client.query(
          `update data_keys d set wrapped = n.to_bytes, tenant_key_version = $2
           from unnest($3::uuid[], $4::bytea[], $5::bytea[]) as n (key_id, from_bytes, to_bytes)
           where d.tenant_id = $1 and d.key_id = n.key_id and d.wrapped = n.from_bytes`,
          [
            tenantId,
            version,
            keys.map(({ keyId }) => keyId),
            keys.map(({ from }) => from),
            keys.map(({ to }) => to),
          ],
        );
        return updated.rowCount ?? 0;
      }),
    retireBefore: (tenantId, version) =>
      inTransaction(pool, async (client) => {
        // Whoever is about to use one of them holds it; what they then kept is seen by the next statement.
        await client.query(
          "select from tenant_keys where tenant_id = $1 and version < $2 and state <> 'retired' for update",
          [tenantId, version],
        );
        await client.query(
          `update tenant_keys k set state = 'retired', retired_at = now(), wrapped = null, token_ct = null
           where k.tenant_id = $1 and k.version < $2 and k.state <> 'retired' and not exists (
             select from data_keys d where d.tenant_id = $1 and d.wrapped is not null
               and d.tenant_key_version = k.version)`,
          [tenantId, version],
        );
        const { rows } = await client.query<{ count: string }>(
          "select count(*) from tenant_keys where tenant_id = $1 and version < $2 and state <> 'retired'",
          [tenantId, version],
        );
        return Number(rows[0]?.count ?? 0);
      }),
    async rotating(limit) {
      // In no order: those that have to wait must not hide the others.
      const text = `select tenant_id from (
                      select tenant_id from tenant_keys where state = 'retiring'
                      union
                      select tenant_id from data_keys where wrapped is not null and tenant_key_version is null
                    ) t order by random() limit $1`;
      const rows = await ask<{ tenant_id: string }>("rotating_tenants", text, [limit]);
      return rows.map(({ tenant_id }) => tenant_id);
    },
    async page(after, limit) {
      const text = `select ${KEY_COLUMNS} from tenant_keys
                    where state <> 'retired' and ($1::uuid is null or (tenant_id, version) > ($1, $2))
                    order by tenant_id, version limit $3`;
      const values = [after?.tenantId ?? null, after?.version ?? 0, limit];
      return (await ask<TenantKeyRow>("tenant_keys_page", text, values)).map(toVersion);
    },
  };
}

async function replaceOne(
  client: pg.PoolClient,
  from: TenantKeyVersion,
  to: TenantKeyVersion,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `update tenant_keys set wrapped = $3, provider = $4, provider_key = $5, reference = $6, token_ct = $7,
       token_provider = $8, token_provider_key = $9
     where tenant_id = $1 and version = $2 and wrapped = $10 and token_ct is not distinct from $11`,
    [...fromVersion(to), from.wrapped.bytes, from.brought?.token.bytes ?? null],
  );
  return rowCount === 1;
}

/** How long a request's id is remembered, as those of the record are. */
const REMEMBERED = "24 hours";

/** @returns false where another call has done it. */
async function claim(client: pg.PoolClient, tenantId: string, request: WriteRequest): Promise<boolean> {
  await client.query(`delete from key_requests where created_at < now() - interval '${REMEMBERED}'`);
  const bodyHash = hash(request.body);
  const slot = [tenantId, request.rpc, hash(request.requestId)];
  const { rowCount } = await client.query(
    `insert into key_requests (tenant_id, rpc, request_hash, body_hash) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [...slot, bodyHash],
  );
  if (rowCount) return true;
  // Two calls at once: the second has waited here for the first.
  const { rows } = await client.query<{ body_hash: Buffer }>(
    "select body_hash from key_requests where tenant_id = $1 and rpc = $2 and request_hash = $3",
    slot,
  );
  if (!rows[0]?.body_hash.equals(bodyHash)) throw requestIdReused();
  return false;
}

/** Commits unless the work answers false, which leaves everything as it was. */
async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  return withClient(pool, async (client, discard) => {
    try {
      await client.query("begin");
      const result = await work(client);
      await client.query(result === false ? "rollback" : "commit");
      return result;
    } catch (error) {
      await client.query("rollback").catch(discard);
      throw error;
    }
  });
}

function hash(value: string | Uint8Array): Buffer {
  return createHash("sha256").update(value).digest();
}
