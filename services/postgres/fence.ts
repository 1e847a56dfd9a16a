import { MnemeError } from "@mneme/core/errors.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import type { TenantTransaction } from "./database.ts";

/** Refuses a write about a person who is being erased. */
export function subjectFenced(): MnemeError {
  return new MnemeError(
    "failed_precondition",
    "SUBJECT_FENCED",
    "this person is being erased; nothing is written",
  );
}

/** @throws MnemeError SUBJECT_FENCED when the scope names a person who is being erased. */
export async function refuseFencedScope(
  { client, mac }: TenantTransaction,
  tenantId: string,
  scope: Scope,
): Promise<void> {
  if (scope.userId === undefined) return;
  const { rows } = await client.query<{ state: string }>({
    name: "state_of_subject",
    text: "select state from subjects where tenant_id = $1 and user_mac = $2 for share",
    values: [tenantId, await mac("user", scope.userId)],
  });
  if (rows[0] && rows[0].state !== "active") throw subjectFenced();
}
