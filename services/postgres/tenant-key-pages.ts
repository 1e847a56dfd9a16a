import type { TenantKeyVersion } from "@mneme/core/encryption/tenant-key.ts";
import type pg from "pg";
import { allOf, withClient } from "./pool.ts";
import { fenceStatements } from "./reach.ts";
import { KEY_COLUMNS, type TenantKeyRow, toVersion } from "./tenant-key-rows.ts";

interface Slot {
  readonly tenant_id: string;
  readonly version: number;
}

/**
 * Live versions of all tenants in the order of tenant and version: which there are crosses tenants, and each is read
 * behind its own tenant's fence. All in one snapshot, so that a page that is short is the last one.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export function readVersions(
  pool: pg.Pool,
  after: Pick<TenantKeyVersion, "tenantId" | "version"> | undefined,
  limit: number,
): Promise<TenantKeyVersion[]> {
  return withClient(pool, async (client, discard) => {
    try {
      const begun = client.query("begin isolation level repeatable read read only");
      const asked = client.query<Slot>({
        name: "list_tenant_keys",
        text: "select tenant_id, version from list_tenant_keys($1, $2, $3)",
        values: [after?.tenantId ?? null, after?.version ?? 0, limit],
      });
      const [, { rows: slots }] = await allOf([begun, asked]);
      const reads = [...Map.groupBy(slots, ({ tenant_id }) => tenant_id)].map(([tenantId, of]) =>
        readOf(client, tenantId, of),
      );
      const [versions] = await allOf([allOf(reads), client.query("commit")]);
      return versions.flat();
    } catch (error) {
      await client.query("rollback").catch(discard);
      throw error;
    }
  });
}

/** Sent at once: a connection answers in order. */
async function readOf(
  client: pg.PoolClient,
  tenantId: string,
  slots: readonly Slot[],
): Promise<TenantKeyVersion[]> {
  const fenced = client.query(fenceStatements({ tenantId }));
  const read = client.query<TenantKeyRow>({
    name: "tenant_key_versions",
    text: `select ${KEY_COLUMNS} from tenant_keys
           where tenant_id = $1 and version = any ($2::integer[]) and state <> 'retired' order by version`,
    values: [tenantId, slots.map(({ version }) => version)],
  });
  const [, { rows }] = await allOf([fenced, read]);
  return rows.map(toVersion);
}
