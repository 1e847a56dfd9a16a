import type { CallAudit } from "@mneme/core/audit/call-audit.ts";
import type { Cipher } from "@mneme/core/encryption/cipher.ts";
import type { Reach, Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import type pg from "pg";
import { Content } from "./content.ts";
import { type Database, type MacDomain, readProjectKeys, type TenantTransaction } from "./database.ts";
import { allOf, withClient } from "./pool.ts";
import { type Fence, fenceOf, fenceStatements, principalsOf } from "./reach.ts";
import { inTenantTurn } from "./tenant-turns.ts";

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
  readonly reach: Reach | undefined;
  /** Is told whom and what is read. */
  readonly audit: CallAudit | undefined;
  readonly content: Content;
  /** Keyed hash under the tenant's key. */
  mac(domain: MacDomain, value: string | Uint8Array): Promise<Buffer>;
  /**
   * Lets what is read from now on see what the members of a scope may see beside the caller: memory of teams that a
   * user, agent or app is granted.
   */
  speakFor(ids: ScopeIds): Promise<void>;
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
  let fence = fenceOf(tenancy);
  return {
    tenantId,
    projectId,
    reach: tenancy.reach,
    audit: tenancy.audit,
    content: new Content(cipher, tenantId),
    mac: (domain, value) => cipher.mac(tenantId, macKeyId, domain, value),
    async speakFor(ids) {
      fence = { ...fence, principals: principalsOf(tenancy.reach, ids) };
    },
    read: (queries, signal) => readTogether(database.pool, fence, queries, signal),
  };
}

/** Reads inside a write: it sees what the write has done so far. */
export function readerInside(transaction: TenantTransaction, tenancy: Tenancy): TenantReader {
  const { client, content, mac, reach } = transaction;
  const { tenantId, projectId } = tenancy;
  return {
    tenantId,
    projectId,
    reach,
    audit: tenancy.audit,
    content,
    mac,
    speakFor: (ids) => speakFor(client, reach, ids),
    read: (queries) => runTogether(client, queries),
  };
}

/** Lets the rest of a transaction see what the members of a scope may see beside the caller. */
export async function speakFor(
  client: pg.PoolClient,
  reach: Reach | undefined,
  ids: ScopeIds,
): Promise<void> {
  const principals = principalsOf(reach, ids);
  if (principals === undefined) return;
  await client.query({
    name: "speak_for",
    text: "select set_config('mneme.principals', $1::uuid[]::text, true)",
    values: [principals],
  });
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
 * Runs reads behind one fence together.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export async function readTogether<Queries extends readonly Query<unknown>[]>(
  pool: pg.Pool,
  fence: Fence,
  queries: readonly [...Queries],
  signal?: AbortSignal,
): Promise<RowsOf<Queries>> {
  const begin = `begin read only; ${fenceStatements(fence)}`;
  const reading = () =>
    withClient(
      pool,
      async (client) => {
        const begun = client.query(begin);
        const answered = runTogether(client, queries);
        // After a failure this ends the transaction just as well.
        const committed = client.query("commit");
        const [, rows] = await allOf([begun, answered, committed]);
        return rows;
      },
      signal,
    );
  return inTenantTurn(pool, fence.tenantId, reading, signal);
}
