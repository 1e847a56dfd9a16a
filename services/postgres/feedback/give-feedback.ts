import type { GivenFeedback } from "@mneme/core/feedback/feedback-store.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { v7 as uuidv7 } from "uuid";
import type { Database, TenantTransaction } from "../database.ts";
import { claimRequest } from "../idempotency.ts";
import { requireGiver, whileMemoryIsThere } from "./visible-memory.ts";

/** Keeps a giver's word on a memory in place of the one before, or takes it back. @throws MnemeError as `requireGiver`. */
export async function giveFeedback(
  database: Database,
  transaction: TenantTransaction,
  tenancy: Tenancy,
  said: {
    readonly given: GivenFeedback;
    readonly seenBy: ScopeIds | undefined;
    readonly request: WriteRequest;
  },
): Promise<void> {
  const { given, seenBy, request } = said;
  const { client, content } = transaction;
  const { tenantId, projectId } = tenancy;
  if (await claimRequest(transaction, tenantId, request)) return;
  const { scope, memoryId, rating, comment, searchId } = given;
  const { subject, keyId } = await requireGiver(database, transaction, tenancy, { scope, memoryId, seenBy });
  if (rating === undefined) {
    await client.query({
      name: "take_feedback_back",
      text: `delete from feedback
             where tenant_id = $1 and memory_id = $2 and subject_id is not distinct from $3::uuid`,
      values: [tenantId, memoryId, subject?.id ?? null],
    });
    return;
  }
  const sealed = comment === "" ? null : await content.sealText(keyId, "feedback.comment", comment);
  await whileMemoryIsThere(memoryId, () =>
    client.query({
      name: "give_feedback",
      // Another id: lists are in their order.
      text: `insert into feedback (tenant_id, id, project_id, memory_id, subject_id, epoch, rating, comment_ct, search_id)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (tenant_id, memory_id, subject_id) do update set id = excluded.id, epoch = excluded.epoch,
               rating = excluded.rating, comment_ct = excluded.comment_ct, search_id = excluded.search_id,
               given_at = excluded.given_at`,
      values: [
        tenantId,
        uuidv7(),
        projectId,
        memoryId,
        subject?.id ?? null,
        subject?.epoch ?? 0,
        rating,
        sealed,
        searchId ?? null,
      ],
    }),
  );
}
