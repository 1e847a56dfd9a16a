import { setTimeout as pause } from "node:timers/promises";
import { DamagedValueError, keyIdOf } from "@mneme/core/encryption/cipher.ts";
import type { IndexedMemory } from "@mneme/core/search/memory-index.ts";
import type { ReindexStore, VersionKey } from "@mneme/core/search/reindex.ts";
import type pg from "pg";
import { Content } from "./content.ts";
import type { Database } from "./database.ts";
import { INDEXED_COLUMNS, type IndexedRow, toIndexedMemory } from "./ingest-indexing.ts";
import { FENCE, NOT_ARCHIVED, NOT_FENCED } from "./memory-rows.ts";
import { asUnavailable, withTenant } from "./pool.ts";

/** Before every version that there is. */
const FIRST: VersionKey = { memoryId: "00000000-0000-0000-0000-000000000000", version: 0 };

/** How often it is asked whether an earlier writer has ended. */
const LOOK_MS = 20;

/**
 * A reindex's view of the record: tenant after tenant, each inside its own fence.
 *
 * @param defaultPool where a tenant that was never moved is: MNEME_INDEX_POOL.
 */
export function createReindexStore(database: Database, defaultPool: string): ReindexStore {
  return {
    async nextTenant(pool, after) {
      const [first] = await ask<{ id: string }>(
        database.pool,
        "select list_placed_tenants($1, $2, $3, 1) as id",
        [pool, defaultPool, after ?? null],
      );
      return first?.id;
    },
    async isMoving(pool) {
      const [found] = await ask<{ moves: number }>(database.pool, "select count_moves($1) as moves", [pool]);
      return (found?.moves ?? 0) > 0;
    },
    mark: (signal) => settledRevision(database.pool, signal),
    page: (tenantId, { after = FIRST, limit }, signal) =>
      withTenant(
        database.pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<KeyRow>({
            name: "reindex_keys",
            text: `select memory_id, version from memory_versions
                   where tenant_id = $1 and (memory_id, version) > ($2::uuid, $3::integer)
                   order by memory_id, version limit $4`,
            values: [tenantId, after.memoryId, after.version, limit],
          });
          const last = rows.length < limit ? undefined : rows.at(-1);
          return {
            documents: await readVersions(client, database, tenantId, rows),
            last: last && keyOf(last),
          };
        },
        signal,
      ),
    changes: (tenantId, { since, until, limit }, signal) =>
      withTenant(
        database.pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<KeyRow & { readonly revision: string }>({
            name: "reindex_changes",
            text: `select memory_id, version, revision from memory_versions
                   where tenant_id = $1 and revision > $2 and revision <= $3 order by revision limit $4`,
            values: [tenantId, since, until, limit],
          });
          const last = rows.length < limit ? undefined : rows.at(-1)?.revision;
          return { documents: await readVersions(client, database, tenantId, rows), last };
        },
        signal,
      ),
    leaveUnindexed: (tenantId, signal) =>
      withTenant(
        database.pool,
        tenantId,
        async (client) => {
          await client.query(
            "update memory_versions set indexed_revision = 0 where tenant_id = $1 and indexed_revision > 0 and not refused",
            [tenantId],
          );
        },
        signal,
      ),
    countIndexed: (tenantId, signal) =>
      withTenant(
        database.pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<{ count: string }>(
            `select count(*) from memory_versions v
             join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id ${FENCE}
             where v.tenant_id = $1 and v.indexed_revision > 0 and not v.refused
               and ${NOT_FENCED} and ${NOT_ARCHIVED}`,
            [tenantId],
          );
          return Number(rows[0]?.count ?? 0);
        },
        signal,
      ),
    saveVectors: (tenantId, model, vectors, signal) =>
      withTenant(
        database.pool,
        tenantId,
        async (client) => {
          const { rows } = await client.query<{ memory_id: string; version: number; vector_ct: Buffer }>(
            `select v.memory_id, v.version, v.vector_ct from memory_versions v
             join unnest($2::uuid[], $3::integer[]) as n (memory_id, version)
               on n.memory_id = v.memory_id and n.version = v.version
             where v.tenant_id = $1`,
            [tenantId, vectors.map(({ memoryId }) => memoryId), vectors.map(({ version }) => version)],
          );
          const content = new Content(database.cipher, tenantId);
          // Sealed under the key that the old one named: the person's, or the project's.
          const keys = new Map(rows.map((row) => [slotOf(keyOf(row)), keyIdOf(row.vector_ct)]));
          const sealed = await Promise.all(
            vectors.flatMap((each) => {
              const keyId = keys.get(slotOf(each));
              return keyId ? [sealOne(content, keyId, each)] : [];
            }),
          );
          await client.query(
            `update memory_versions v set vector_ct = n.vector_ct, embedding_model = $5
             from unnest($2::uuid[], $3::integer[], $4::bytea[]) as n (memory_id, version, vector_ct)
             where v.tenant_id = $1 and v.memory_id = n.memory_id and v.version = n.version`,
            [
              tenantId,
              sealed.map(({ memoryId }) => memoryId),
              sealed.map(({ version }) => version),
              sealed.map(({ vector }) => vector),
              model,
            ],
          );
        },
        signal,
      ),
  };
}

interface KeyRow {
  readonly memory_id: string;
  readonly version: number;
}

/**
 * A revision below which nothing is written any more: whoever drew an earlier one held the table's lock by
 * then, and holds it until its transaction ends. A snapshot would not do: it knows of a writer from its first
 * write on, and a revision is drawn before that.
 */
async function settledRevision(pool: pg.Pool, signal: AbortSignal | undefined): Promise<string> {
  const [drawn] = await ask<{ mark: string }>(pool, "select nextval('index_revision') as mark");
  let writers = await ask<{ id: string }>(pool, WRITERS);
  while (writers.length > 0) {
    await pause(LOOK_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    const ids = writers.map(({ id }) => id);
    writers = await ask(pool, `${WRITERS} and virtualtransaction = any ($1::text[])`, [ids]);
  }
  return (drawn as { mark: string }).mark;
}

/** Over all tenants. */
async function ask<R extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: readonly unknown[] = [],
): Promise<R[]> {
  const { rows } = await pool.query<R>(text, [...values]).catch((error: unknown) => {
    throw asUnavailable(error);
  });
  return rows;
}

const WRITERS = `select virtualtransaction as id from pg_locks
  where relation = 'memory_versions'::regclass and mode = 'RowExclusiveLock' and granted
    and database = (select oid from pg_database where datname = current_database())`;

/** The documents of versions, but for those of persons who are being erased and of what is archived. */
async function readVersions(
  client: pg.PoolClient,
  { cipher }: Database,
  tenantId: string,
  keys: readonly KeyRow[],
): Promise<IndexedMemory[]> {
  if (keys.length === 0) return [];
  const { rows } = await client.query<IndexedRow>({
    name: "reindex_page",
    text: `select ${INDEXED_COLUMNS} from unnest($2::uuid[], $3::integer[]) as k (memory_id, version)
           join memory_versions v
             on v.tenant_id = $1 and v.memory_id = k.memory_id and v.version = k.version
           join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
           ${FENCE} where ${NOT_FENCED}`,
    values: [tenantId, keys.map(({ memory_id }) => memory_id), keys.map(({ version }) => version)],
  });
  const content = new Content(cipher, tenantId);
  const documents = await Promise.all(rows.map((row) => toIndexedMemory(content, tenantId, row)));
  const damaged = rows.find((_, i) => documents[i] === "damaged");
  // A copy without it would look complete, and what else has the same damage would go unnoticed.
  if (damaged) {
    throw new DamagedValueError(
      `version ${damaged.version} of memory ${damaged.memory_id} is damaged: restore it or delete the memory`,
    );
  }
  return documents.filter((document) => typeof document !== "string");
}

function keyOf(row: KeyRow): VersionKey {
  return { memoryId: row.memory_id, version: row.version };
}

function slotOf({ memoryId, version }: VersionKey): string {
  return `${memoryId}/${version}`;
}

async function sealOne(
  content: Content,
  keyId: string,
  { memoryId, version, vector }: VersionKey & { readonly vector: Float32Array },
) {
  const sealed = await content.sealVector(keyId, "memory_versions.vector", vector);
  return { memoryId, version, vector: sealed };
}
