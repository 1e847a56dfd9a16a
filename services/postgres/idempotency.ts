import { timingSafeEqual } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { PlainTransaction } from "./plain-transaction.ts";
import type { Query, TenantReader } from "./read-together.ts";

/** Finds a request id that was claimed by a write which is done, for reads before a write of one's own. */
export async function claimedQuery(
  reader: TenantReader,
  { rpc, requestId }: WriteRequest,
): Promise<Query<unknown>> {
  return {
    name: "find_request",
    text: "select from idempotency where tenant_id = $1 and rpc = $2 and request_mac = $3",
    values: [reader.tenantId, rpc, await requestMac(reader, requestId)],
  };
}

/** What a claim needs of a transaction. Its hash is keyed, or plain where nothing sealed is touched: an RPC has either. */
type Claiming = Pick<PlainTransaction, "client" | "projectId" | "reach" | "mac">;

/**
 * Claims a request id inside the write's own transaction. Two calls at once meet on the primary key:
 * the second waits for the first to commit and then sees its result.
 *
 * @param result what a repetition will get: ids and counts only; `recordResult` replaces it where it is not known yet.
 * @returns the first call's result if this is a repetition, or undefined if the write is to be done.
 * @throws MnemeError REQUEST_ID_REUSED.
 */
export async function claimRequest<T extends object>(
  transaction: Claiming,
  tenantId: string,
  request: WriteRequest,
  result?: T,
): Promise<T | undefined> {
  const { client } = transaction;
  const idMac = await requestMac(transaction, request.requestId);
  const bodyMac = await transaction.mac("request_body", request.body);
  const inserted = await client.query({
    name: "claim_request",
    text: `insert into idempotency (tenant_id, rpc, request_mac, body_mac, result)
           values ($1, $2, $3, $4, $5) on conflict do nothing`,
    values: [tenantId, request.rpc, idMac, bodyMac, JSON.stringify(result ?? {})],
  });
  if (inserted.rowCount) return undefined;
  const { rows } = await client.query<{ body_mac: Buffer; result: T }>(
    "select body_mac, result from idempotency where tenant_id = $1 and rpc = $2 and request_mac = $3",
    [tenantId, request.rpc, idMac],
  );
  const row = rows[0];
  if (!row || !timingSafeEqual(row.body_mac, bodyMac)) throw requestIdReused();
  return row.result;
}

export function requestIdReused(): MnemeError {
  return new MnemeError(
    "invalid_argument",
    "REQUEST_ID_REUSED",
    "request_id was used before with another body; use a new one",
    {
      metadata: { field: "request_id" },
      fields: [{ field: "request_id", description: "was used with another body" }],
    },
  );
}

/** Keeps what a repetition will answer: ids and counts only. */
export async function recordResult(
  transaction: Claiming,
  tenantId: string,
  request: WriteRequest,
  result: unknown,
): Promise<void> {
  await transaction.client.query({
    name: "record_result",
    text: "update idempotency set result = $4 where tenant_id = $1 and rpc = $2 and request_mac = $3",
    values: [tenantId, request.rpc, await requestMac(transaction, request.requestId), JSON.stringify(result)],
  });
}

/** What a request id is known by: a project's, and a user's token's, are not those of others. */
export function requestMac(
  { projectId, reach, mac }: Pick<PlainTransaction, "projectId" | "reach" | "mac">,
  requestId: string,
): Promise<Buffer> {
  return mac("request", [projectId, reach?.subject?.id ?? "", requestId].join("/"));
}
