import { OK } from "@mneme/core/audit/call-audit.ts";
import { v7 as uuidv7 } from "uuid";
import { insertEvents } from "../audit-rows.ts";
import type { Transaction } from "../plain-transaction.ts";

/**
 * Keeps what the operator has done to a tenant in that tenant's own trail as well, in the transaction that does it, which
 * stands under the tenant's fence: the operator's trail is not the tenant's to read.
 */
export async function tellTenant(
  { client, audit }: Pick<Transaction, "client" | "audit">,
  tenantId: string,
): Promise<void> {
  if (!audit) return;
  const { event } = audit.draft(OK);
  const actor = { ...event.actor, service: "operator" };
  await client.query(insertEvents(tenantId, [{ ...event, id: uuidv7(), actor, projectId: "" }]));
}
