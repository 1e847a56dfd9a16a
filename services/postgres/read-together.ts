import type { Cipher } from "@mneme/core/encryption/cipher.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type pg from "pg";
import { Content } from "./content.ts";
import { type Database, type MacDomain, readProjectKeys, type TenantTransaction } from "./database.ts";
import { allOf, requireTenantId, withClient } from "./pool.ts";

/** A prepared statement and the shape of its rows. */
export interface Query<Row> {
  readonly name: string;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Never set: carries the type. */
  readonly row?: Row;
}

type RowsOf<Queries extends readonly unknown[]> = {
  [K in keyof Queries]: Queries[K] extends Query<infer Row> ? Row[] : never;
};

/** Reads of one tenant. */
export interface TenantReader {
  readonly tenantId: string;
  readonly projectId: string;
  readonly content: Content;
  /** Keyed hash under the tenant's key. */
  mac(domain: MacDomain, value: string | Uint8Array): Promise<Buffer>;
  /** Runs the queries in one transaction and one round trip. */
  read<Queries extends readonly Query<unknown>[]>(
    queries: readonly [...Queries],
    signal?: AbortSignal,
  ): Promise<RowsOf<Queries>>;
}

/**
 * Reads outside any write.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the record does not answer.
 */
export async function openReader(database: Database, tenancy: Tenancy): Promise<TenantReader> {
  const { tenantId, projectId } = tenancy;
  const { macKeyId } = await readProjectKeys(database, tenantId, projectId);
  const cipher: Cipher = database.cipher;
  return {
    tenantId,
    projectId,
    content: new Content(cipher, tenantId),
    mac: (domain, value) => cipher.mac(tenantId, macKeyId, domain, value),
    read: (queries, signal) => readTogether(database.pool, tenantId, queries, signal),
  };
}

/** Reads inside a write: it sees what the write has done so far. */
export function readerInside(transaction: TenantTransaction, tenancy: Tenancy): TenantReader {
  const { client, content, mac } = transaction;
  const { tenantId, projectId } = tenancy;
  return { tenantId, projectId, content, mac, read: (queries) => runTogether(client, queries) };
}

/** Sends `queries` on a client at once; in a pipelined pool that is one round trip. */
async function runTogether<Queries extends readonly Query<unknown>[]>(
  client: pg.PoolClient,
  queries: readonly [...Queries],
): Promise<RowsOf<Queries>> {
  const results = await allOf(queries.map((query) => client.query({ ...query, values: [...query.values] })));
  return results.map((result) => result.rows) as RowsOf<Queries>;
}

/**
 * Runs reads of one tenant together.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function readTogether<Queries extends readonly Query<unknown>[]>(
  pool: pg.Pool,
  tenantId: string,
  queries: readonly [...Queries],
  signal?: AbortSignal,
): Promise<RowsOf<Queries>> {
  requireTenantId(tenantId);
  return withClient(
    pool,
    async (client) => {
      const begun = client.query(begin(tenantId));
      const reading = runTogether(client, queries);
      // After a failure this ends the transaction just as well.
      const committed = client.query("commit");
      const [, rows] = await allOf([begun, reading, committed]);
      return rows;
    },
    signal,
  );
}

function begin(tenantId: string): string {
  return `begin read only; set local mneme.tenant_id = '${tenantId}'`;
}
