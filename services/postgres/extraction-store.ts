import { MnemeError } from "@mneme/core/errors.ts";
import type { Extraction } from "@mneme/core/extraction/extraction.ts";
import type { ExtractionListing, ExtractionStore } from "@mneme/core/extraction/extraction-store.ts";
import { stateConflict } from "@mneme/core/tenancy/administrator.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { teamReadOnly } from "@mneme/core/tenancy/reach-errors.ts";
import type pg from "pg";
import { type Database, type TenantTransaction, transact } from "./database.ts";
import {
  EXTRACTION_COLUMNS,
  type ExtractionRow,
  LISTED_EXTRACTION_COLUMNS,
  toExtraction,
} from "./extraction-rows.ts";
import { fenceJoin, notFenced, subjectFenced } from "./fence.ts";
import { claimRequest } from "./idempotency.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import { openReader, type Query, readerInside, type TenantReader } from "./read-together.ts";
import { scopeFilter } from "./scope-filter.ts";
import { lookUpScope } from "./scope-lookup.ts";
import { openScopes, type ScopeColumns } from "./scope-names.ts";
import { wakeIngest } from "./wake-ingest.ts";

interface ScopedRow extends ExtractionRow, ScopeColumns {
  readonly fenced: boolean;
}

const FENCED = `not ${notFenced("e")}`;
const FROM = `extractions e ${fenceJoin("e")}`;
const SCOPE_COLUMNS = `e.subject_id, e.agent_id, e.app_id, e.team_id, e.session_id, ${FENCED} as fenced`;

/** What became of accepted adds. */
export function createExtractionStore(database: Database): ExtractionStore {
  return {
    async get(tenancy, extractionId, signal) {
      const reader = await openReader(database, tenancy);
      const [rows] = await reader.read([oneQuery(tenancy, extractionId)], signal);
      return only(await toExtractions(reader, rows, signal), extractionId);
    },
    async list(tenancy, listing, signal) {
      return list(await openReader(database, tenancy), listing, signal);
    },
    retry: (tenancy, extractionId, request, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          if (!(await claimRequest<object>(transaction, tenantId, request))) {
            await revive(transaction.client, tenancy, extractionId);
          }
          return readInside(transaction, tenancy, extractionId);
        },
        signal,
      ),
  };
}

function oneQuery({ tenantId, projectId }: Tenancy, extractionId: string): Query<ScopedRow> {
  return {
    name: "get_extraction",
    text: `select ${EXTRACTION_COLUMNS}, ${SCOPE_COLUMNS} from ${FROM}
           where e.tenant_id = $1 and e.project_id = $2 and e.id = $3`,
    values: [tenantId, projectId, extractionId],
  };
}

async function readInside(
  transaction: TenantTransaction,
  tenancy: Tenancy,
  extractionId: string,
): Promise<Extraction> {
  const reader = readerInside(transaction, tenancy);
  const [rows] = await reader.read([oneQuery(tenancy, extractionId)]);
  return only(await toExtractions(reader, rows), extractionId);
}

/** One page, newest first; of a fenced person nothing is listed. */
async function list(reader: TenantReader, listing: ExtractionListing, signal: AbortSignal | undefined) {
  const filters = [
    "extractions",
    reader.projectId,
    listing.scope ? Object.entries(listing.scope).sort() : null,
    listing.state ?? null,
  ];
  const after = await openPageToken(reader.mac, filters, listing.pageToken);
  const scope = listing.scope && (await lookUpScope(reader, listing.scope, signal));
  if (listing.scope && !scope) return { extractions: [], nextPageToken: "" };
  const restricted = scope && scopeFilter(scope.ids, "e", 6);
  const query: Query<ScopedRow> = {
    name: `list_extractions_${after ? "after" : "first"}_${listing.state ? "state" : "any"}_${restricted?.shape}`,
    text: `select ${LISTED_EXTRACTION_COLUMNS}, ${SCOPE_COLUMNS} from ${FROM}
           where e.tenant_id = $1 and e.project_id = $2 and ${notFenced("e")}
             and ${after ? "e.id < $3::uuid" : "$3::uuid is null"}
             and ${listing.state ? "e.state = $4::text" : "$4::text is null"}
             ${restricted?.text ?? ""}
           order by e.id desc limit $5`,
    values: [
      reader.tenantId,
      reader.projectId,
      after ?? null,
      listing.state ?? null,
      listing.pageSize + 1,
      ...(restricted?.values ?? []),
    ],
  };
  const [rows] = await reader.read([query], signal);
  const shown = rows.slice(0, listing.pageSize);
  const last = rows.length > shown.length ? shown.at(-1) : undefined;
  return {
    extractions: await toExtractions(reader, shown, signal),
    nextPageToken: last ? await sealPageToken(reader.mac, filters, last.id) : "",
  };
}

/**
 * Of a fenced person only the work's own state shows, so that whoever waits for it learns that it was
 * dropped: no outside ids, no memories.
 */
async function toExtractions(
  reader: TenantReader,
  rows: readonly ScopedRow[],
  signal?: AbortSignal,
): Promise<Extraction[]> {
  for (const { subject_id } of rows) reader.audit?.about(subject_id);
  const shown = rows.filter((row) => !row.fenced);
  const scopes = await openScopes(reader, shown, signal);
  const scopeOf = new Map(shown.map((row, index) => [row.id, scopes[index]]));
  return rows.map((row) => {
    const scope = scopeOf.get(row.id);
    return scope ? toExtraction(row, scope) : toExtraction({ ...row, memory_ids: [] }, {});
  });
}

function only(extractions: readonly Extraction[], extractionId: string): Extraction {
  const [extraction] = extractions;
  if (!extraction) throw extractionNotFound(extractionId);
  return extraction;
}

/** Puts what failed back into its place in the line. */
async function revive(
  client: pg.PoolClient,
  { tenantId, projectId }: Tenancy,
  extractionId: string,
): Promise<void> {
  const { rows } = await client.query<{ state: string; bucket: number; fenced: boolean }>(
    `select e.state, e.bucket, ${FENCED} as fenced from ${FROM}
     where e.tenant_id = $1 and e.project_id = $2 and e.id = $3 for update of e`,
    [tenantId, projectId, extractionId],
  );
  const row = rows[0];
  if (!row) throw await unchangeable(client, tenantId, extractionId);
  if (row.fenced) throw subjectFenced();
  if (row.state !== "failed") {
    throw new MnemeError(
      "failed_precondition",
      "EXTRACTION_NOT_FAILED",
      "only a failed extraction can be retried",
      { metadata: { extraction_id: extractionId, state: row.state } },
    );
  }
  const revived = await client.query<{ is_kept: boolean }>(
    `update messages set state = 'pending' where tenant_id = $1 and extraction_id = $2 and state = 'failed'
     returning body_ct is not null as is_kept`,
    [tenantId, extractionId],
  );
  if (revived.rows.some((message) => !message.is_kept)) {
    throw stateConflict("not_kept", "its messages are not kept any more; add them again");
  }
  await client.query(
    `update extractions set state = 'queued', attempts = 0, failure_reason = null, failed_at = null,
       pending_count = $3
     where tenant_id = $1 and id = $2`,
    [tenantId, extractionId, revived.rowCount ?? 0],
  );
  await wakeIngest(client, tenantId, [row.bucket]);
}

/** Why no extraction was locked: it is not there, or of a team that a grant lets the call only read. */
async function unchangeable(
  client: pg.PoolClient,
  tenantId: string,
  extractionId: string,
): Promise<MnemeError> {
  const text = "select from extractions where tenant_id = $1 and id = $2";
  const { rowCount } = await client.query(text, [tenantId, extractionId]);
  return rowCount ? teamReadOnly({ extraction_id: extractionId }) : extractionNotFound(extractionId);
}

function extractionNotFound(extractionId: string): MnemeError {
  return new MnemeError("not_found", "EXTRACTION_NOT_FOUND", "no such extraction", {
    metadata: { extraction_id: extractionId },
  });
}
