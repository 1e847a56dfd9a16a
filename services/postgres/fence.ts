import { MnemeError } from "@mneme/core/errors.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import type { TenantTransaction } from "./database.ts";

/**
 * Joins `subjects p` to rows that may be a person's: found only while the person is active in the epoch that
 * the row was written in. A join, because the planner reads `exists` beside an `or` as all persons at once.
 *
 * @param table alias of a table with `subject_id` and `epoch`.
 */
export function fenceJoin(table: string): string {
  return `left join subjects p on p.tenant_id = ${table}.tenant_id and p.id = ${table}.subject_id
    and p.epoch = ${table}.epoch and p.state = 'active'`;
}

/** True of rows of `fenceJoin` that may be shown: a person's behind no fence, or nobody's. */
export function notFenced(table: string): string {
  return `(${table}.subject_id is null or p.id is not null)`;
}

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
