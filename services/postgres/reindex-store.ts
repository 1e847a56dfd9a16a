import { keyIdOf } from "@mneme/core/encryption/cipher.ts";
import type { PageRange, ReindexStore, VersionKey } from "@mneme/core/search/reindex.ts";
import type pg from "pg";
import { Content } from "./content.ts";
import type { Database } from "./database.ts";
import { INDEXED_COLUMNS, type IndexedRow, toIndexedMemory } from "./ingest-indexing.ts";
import { FENCE, NOT_FENCED } from "./memory-rows.ts";
import { asUnavailable, withTenant } from "./pool.ts";

/** Before every version that there is. */
const FIRST: VersionKey = { memoryId: "00000000-0000-0000-0000-000000000000", version: 0 };

/** Versions looked at for a page of what changed: most of them did not. */
const LOOKED_AT = 20_000;

/** A reindex's view of the record: tenant after tenant, each inside its own fence. */
export function createReindexStore(database: Database): ReindexStore {
  return {
    async nextTenant(after) {
      const { rows } = await database.pool
        .query<{ id: string }>("select list_tenants($1, 1) as id", [after ?? null])
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return rows[0]?.id;
    },
    async mark() {
      const { rows } = await database.pool
        .query<{ mark: string }>("select pg_snapshot_xmin(pg_current_snapshot())::text as mark")
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return (rows[0] as { mark: string }).mark;
    },
    page: (tenantId, range, signal) =>
      withTenant(
        database.pool,
        tenantId,
        async (client) => {
          const { keys, last } = await selectKeys(client, tenantId, range);
          if (keys.length === 0) return { documents: [], last };
          const { rows } = await client.query<IndexedRow>({
            name: "reindex_page",
            text: `select ${INDEXED_COLUMNS} from unnest($2::uuid[], $3::integer[]) as k (memory_id, version)
                   join memory_versions v
                     on v.tenant_id = $1 and v.memory_id = k.memory_id and v.version = k.version
                   join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
                   ${FENCE} where ${NOT_FENCED}`,
            values: [tenantId, keys.map(({ memory_id }) => memory_id), keys.map(({ version }) => version)],
          });
          const content = new Content(database.cipher, tenantId);
          const documents = await Promise.all(rows.map((row) => toIndexedMemory(content, tenantId, row)));
          return { documents: documents.filter((document) => document !== undefined), last };
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
               and ${NOT_FENCED}`,
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
 * The page's versions, and the last one looked at. A mark is the oldest transaction that was open then: what
 * it or a later one wrote has an age of at most the mark's, and neither column nor index need tell.
 */
async function selectKeys(
  client: pg.PoolClient,
  tenantId: string,
  { after = FIRST, limit, since }: PageRange,
): Promise<{ readonly keys: readonly KeyRow[]; readonly last: VersionKey | undefined }> {
  const lookedAt = since === undefined ? limit : Math.max(limit, LOOKED_AT);
  const { rows } = await client.query<KeyRow & { readonly changed: boolean }>({
    name: "reindex_keys",
    text: `with seen as (
             select memory_id, version, coalesce(age(xmin) <= age($4::xid8::xid), true) as changed
             from memory_versions where tenant_id = $1 and (memory_id, version) > ($2::uuid, $3::integer)
             order by memory_id, version limit $5),
           changed as (select * from seen where changed order by memory_id, version limit $6),
           furthest as (select * from seen order by memory_id, version offset $5 - 1)
           select * from changed union all select memory_id, version, false from furthest
           order by changed desc, memory_id, version`,
    values: [tenantId, after.memoryId, after.version, since ?? null, lookedAt, limit],
  });
  const keys = rows.filter(({ changed }) => changed);
  const furthest = keys.length < limit ? rows.find(({ changed }) => !changed) : keys.at(-1);
  return { keys, last: furthest && keyOf(furthest) };
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
