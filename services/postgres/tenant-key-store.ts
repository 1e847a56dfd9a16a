import type { TenantKeyVersion } from "@mneme/core/encryption/tenant-key.ts";
import type { TenantKeyStore } from "@mneme/core/encryption/tenant-key-store.ts";
import type pg from "pg";
import { changeKey, isChangeMade } from "./key-change.ts";
import { listTenants } from "./list-tenants.ts";
import { readOne } from "./one-statement.ts";
import { withTenant } from "./pool.ts";
import { readVersions } from "./tenant-key-pages.ts";
import { fromVersion, KEY_COLUMNS, type TenantKeyRow, toVersion } from "./tenant-key-rows.ts";

interface FactsRow {
  readonly created_at: Date;
  readonly to_rewrap: string;
}

interface DataKeyRow {
  readonly key_id: string;
  readonly tenant_key_version: number | null;
  readonly wrapped: Buffer;
}

const DATA_KEY_COLUMNS = "key_id, tenant_key_version, wrapped";
const NIL = "00000000-0000-0000-0000-000000000000";

/** Tenants' keys, beside the data keys that they wrap. */
export function createTenantKeyStore(pool: pg.Pool): TenantKeyStore {
  return {
    async live(tenantId) {
      const rows = await readOne<TenantKeyRow>(pool, tenantId, {
        name: "live_tenant_keys",
        text: `select ${KEY_COLUMNS} from tenant_keys where tenant_id = $1 and state <> 'retired'
               order by version desc`,
        values: [tenantId],
      });
      return rows.map(toVersion);
    },
    async facts(tenantId) {
      const [row] = await readOne<FactsRow>(pool, tenantId, {
        name: "tenant_key_facts",
        text: `select k.created_at, (
                 select count(*) from data_keys d where d.tenant_id = $1 and d.wrapped is not null
                   and d.tenant_key_version < k.version) + (
                 select count(*) from data_keys d where d.tenant_id = $1 and d.wrapped is not null
                   and d.tenant_key_version is null) as to_rewrap
               from tenant_keys k where k.tenant_id = $1 and k.state = 'active'`,
        values: [tenantId],
      });
      return row && { createdAt: row.created_at, toRewrap: Number(row.to_rewrap) };
    },
    add: (key, call) => changeKey(pool, key.tenantId, call, (client) => addOne(client, key)),
    isDone: (tenantId, request) => isChangeMade(pool, tenantId, request),
    async replace(changes, call) {
      const [first] = changes;
      if (!first) return true;
      return changeKey(pool, first.from.tenantId, call, async (client) => {
        for (const { from, to } of changes) if (!(await replaceOne(client, from, to))) return false;
        return true;
      });
    },
    async toRewrap(tenantId, version, after, limit) {
      const unversioned = after && after.version === undefined;
      const rows = await readOne<DataKeyRow>(pool, tenantId, {
        name: "data_keys_to_rewrap",
        // A branch for each index: what differs from a version, in no range of either, would walk all that are done.
        text: `select * from (
                 (select ${DATA_KEY_COLUMNS} from data_keys
                  where tenant_id = $1 and wrapped is not null and tenant_key_version < $2
                    and (tenant_key_version, key_id) > ($3, $4)
                  order by tenant_key_version, key_id limit $6)
                 union all
                 (select ${DATA_KEY_COLUMNS} from data_keys
                  where tenant_id = $1 and wrapped is not null and tenant_key_version is null and key_id > $5
                  order by key_id limit $6)) k
               order by tenant_key_version nulls last, key_id limit $6`,
        values: [
          tenantId,
          version,
          unversioned ? version : (after?.version ?? 0),
          after?.keyId ?? NIL,
          unversioned ? after.keyId : NIL,
          limit,
        ],
      });
      return rows.map((row) => ({
        keyId: row.key_id,
        version: row.tenant_key_version ?? undefined,
        bytes: row.wrapped,
      }));
    },
    rewrapped: (tenantId, version, keys) =>
      withTenant(pool, tenantId, async (client) => {
        // Held until the end: no version follows it meanwhile, which would want them in its turn.
        const { rowCount } = await client.query(
          "select from tenant_keys where tenant_id = $1 and version = $2 and state = 'active' for share",
          [tenantId, version],
        );
        if (!rowCount) return 0;
        const updated = await client.query(
          // Locked in their order: two who wrap the same keys wait for each other, and never both.
          `with held as (
             select d.key_id, n.to_bytes from unnest($3::uuid[], $4::bytea[], $5::bytea[])
               as n (key_id, from_bytes, to_bytes)
             join data_keys d on d.tenant_id = $1 and d.key_id = n.key_id and d.wrapped = n.from_bytes
             order by d.key_id for no key update of d)
           update data_keys d set wrapped = h.to_bytes, tenant_key_version = $2
           from held h where d.tenant_id = $1 and d.key_id = h.key_id`,
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
      withTenant(pool, tenantId, async (client) => {
        // Whoever is about to use one of them holds it; what they then kept is seen by the next statement.
        await client.query(
          "select from tenant_keys where tenant_id = $1 and version < $2 and state <> 'retired' order by version for update",
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
    rotating: (limit) =>
      listTenants(pool, {
        name: "list_rotating_tenants",
        text: "select list_rotating_tenants($1) as tenant_id",
        values: [limit],
      }),
    page: (after, limit) => readVersions(pool, after, limit),
  };
}

async function addOne(client: pg.PoolClient, key: TenantKeyVersion): Promise<boolean> {
  await client.query("update tenant_keys set state = 'retiring' where tenant_id = $1 and state = 'active'", [
    key.tenantId,
  ]);
  const { rowCount } = await client.query(
    `insert into tenant_keys (${KEY_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict do nothing`,
    fromVersion(key),
  );
  return rowCount === 1;
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
