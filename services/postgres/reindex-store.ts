import { keyIdOf } from "@mneme/core/encryption/cipher.ts";
import type { RecordedVersion, ReindexStore, VersionKey } from "@mneme/core/search/reindex.ts";
import { Content } from "./content.ts";
import type { Database } from "./database.ts";
import { INDEXED_COLUMNS, type IndexedRow, toIndexedMemory } from "./ingest-indexing.ts";
import { FENCE, NOT_FENCED } from "./memory-rows.ts";
import { asUnavailable, withTenant } from "./pool.ts";

/** Before every version that there is. */
const FIRST: VersionKey = { memoryId: "00000000-0000-0000-0000-000000000000", version: 0 };

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
    page: (tenantId, after, limit, signal) =>
      withTenant(
        database.pool,
        tenantId,
        async (client) => {
          const { memoryId, version } = after ?? FIRST;
          const { rows } = await client.query<IndexedRow & { embedding_model: string; fenced: boolean }>({
            name: "reindex_page",
            text: `select ${INDEXED_COLUMNS}, v.embedding_model, not ${NOT_FENCED} as fenced
                   from memory_versions v join memories m on m.tenant_id = v.tenant_id and m.id = v.memory_id
                   ${FENCE}
                   where v.tenant_id = $1 and (v.memory_id, v.version) > ($2::uuid, $3::integer)
                   order by v.memory_id, v.version limit $4`,
            values: [tenantId, memoryId, version, limit],
          });
          const content = new Content(database.cipher, tenantId);
          const open = rows.filter(({ fenced }) => !fenced);
          const versions = await Promise.all(
            open.map(async (row): Promise<RecordedVersion[]> => {
              const document = await toIndexedMemory(content, tenantId, row);
              return document ? [{ document, embeddingModel: row.embedding_model }] : [];
            }),
          );
          return { versions: versions.flat(), last: rows.length < limit ? undefined : keyOf(rows.at(-1)) };
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

function keyOf(row: { memory_id: string; version: number } | undefined): VersionKey {
  if (!row) throw new Error("an empty page has no last row");
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
