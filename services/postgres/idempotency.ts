import { MnemeError } from "@mneme/core/errors.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type { TenantTransaction } from "./database.ts";
import type { Query, TenantReader } from "./read-together.ts";

/** Finds a request id that was claimed by a write which is done, for reads before a write of one's own. */
export async function claimedQuery(
  { tenantId, mac }: TenantReader,
  { rpc, requestId }: WriteRequest,
): Promise<Query<unknown>> {
  return {
    name: "find_request",
    text: "select from idempotency where tenant_id = $1 and rpc = $2 and request_mac = $3",
    values: [tenantId, rpc, await mac("request", requestId)],
  };
}

/**
 * Claims a request id inside the write's own transaction. Two calls at once meet on the primary key:
 * the second waits for the first to commit and then sees its result.
 *
 * @param result what a repetition will get: ids and counts only; `recordResult` replaces it where it is not known yet.
 * @returns the first call's result if this is a repetition, or undefined if the write is to be done.
 * @throws MnemeError REQUEST_ID_REUSED.
 */
export async function claimRequest<T extends object>(
  { client, mac }: TenantTransaction,
  tenantId: string,
  request: WriteRequest,
  result?: T,
): Promise<T | undefined> {
  const requestMac = await mac("request", request.requestId);
  const bodyMac = await mac("request_body", request.body);
  const inserted = await client.query({
    name: "claim_request",
    text: `insert into idempotency (tenant_id, rpc, request_mac, body_mac, result)
           values ($1, $2, $3, $4, $5) on conflict do nothing`,
    values: [tenantId, request.rpc, requestMac, bodyMac, JSON.stringify(result ?? {})],
  });
  if (inserted.rowCount) return undefined;
  const { rows } = await client.query<{ body_mac: Buffer; result: T }>(
    "select body_mac, result from idempotency where tenant_id = $1 and rpc = $2 and request_mac = $3",
    [tenantId, request.rpc, requestMac],
  );
  const row = rows[0];
  if (!row?.body_mac.equals(bodyMac)) {
    throw new MnemeError(
      "invalid_argument",
      "REQUEST_ID_REUSED",
      "request_id was used before with another body; use a new one",
      {
        metadata: { field: "request_id" },
        fields: [{ field: "request_id", description: "was used with another body" }],
      },
    );
  }
  return row.result;
}

/** Keeps what a repetition will answer: ids and counts only. */
export async function recordResult(
  { client, mac }: TenantTransaction,
  tenantId: string,
  request: WriteRequest,
  result: unknown,
): Promise<void> {
  await client.query({
    name: "record_result",
    text: "update idempotency set result = $4 where tenant_id = $1 and rpc = $2 and request_mac = $3",
    values: [tenantId, request.rpc, await mac("request", request.requestId), JSON.stringify(result)],
  });
}
