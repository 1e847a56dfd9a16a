import { MOST_MISSES } from "@mneme/core/feedback/feedback.ts";
import type { ReportedMiss } from "@mneme/core/feedback/feedback-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { v7 as uuidv7 } from "uuid";
import type { Database, TenantTransaction } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { requireGiver, whileMemoryIsThere } from "./visible-memory.ts";

/** What is sealed of a report. */
export interface MissReport {
  readonly query: string;
  readonly expectedText: string;
}

/** Keeps a report of what was not found; the project's oldest give way. @returns its id. */
export async function reportMiss(
  database: Database,
  transaction: TenantTransaction,
  tenancy: Tenancy,
  said: {
    readonly miss: ReportedMiss;
    readonly seenBy: ScopeIds | undefined;
    readonly request: WriteRequest;
  },
): Promise<string> {
  const { miss, seenBy, request } = said;
  const { client, content } = transaction;
  const { tenantId, projectId } = tenancy;
  const id = uuidv7();
  const done = await claimRequest(transaction, tenantId, request, { id });
  if (done) return done.id;
  const { scope, query, expectedText, expectedMemoryId: memoryId, searchId } = miss;
  const { subject, keyId } = await requireGiver(database, transaction, tenancy, { scope, memoryId, seenBy });
  const report: MissReport = { query, expectedText };
  const sealed = await content.sealJson(keyId, "search_misses.report", report);
  await whileMemoryIsThere(memoryId, () =>
    client.query({
      name: "report_miss",
      text: `insert into search_misses
               (tenant_id, id, project_id, subject_id, epoch, report_ct, expected_memory_id, search_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      values: [
        tenantId,
        id,
        projectId,
        subject?.id ?? null,
        subject?.epoch ?? 0,
        sealed,
        memoryId ?? null,
        searchId ?? null,
      ],
    }),
  );
  await client.query({
    name: "drop_oldest_misses",
    text: `delete from search_misses where tenant_id = $1 and id in
             (select id from search_misses where tenant_id = $1 and project_id = $2 order by id desc offset $3)`,
    values: [tenantId, projectId, MOST_MISSES],
  });
  return id;
}
