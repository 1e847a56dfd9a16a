import { createHash } from "node:crypto";
import { type Draft, OK } from "@mneme/core/audit/call-audit.ts";
import type { KeyCall } from "@mneme/core/encryption/tenant-key-store.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import type pg from "pg";
import { requestIdReused } from "./idempotency.ts";
import { insertKeyEvent } from "./key-events.ts";
import { readOne } from "./one-statement.ts";
import { allOf, withTenant } from "./pool.ts";

/** Takes a transaction back whose work has found that it can't be done. */
class Undone extends Error {
  override readonly name = "Undone";
}

/**
 * Changes a tenant's key in one transaction with what makes the call repeatable and with the call's event: no change is
 * kept without it. The renewal by the worker is no call and has neither.
 *
 * @param work answers false where it can't be done, which leaves everything as it was.
 * @returns false where `work` did.
 * @throws MnemeError REQUEST_ID_REUSED, DEPENDENCY_UNAVAILABLE.
 */
export async function changeKey(
  pool: pg.Pool,
  tenantId: string,
  call: KeyCall | undefined,
  work: (client: pg.PoolClient) => Promise<boolean>,
): Promise<boolean> {
  try {
    const draft = await withTenant(pool, tenantId, async (client, commit): Promise<Draft | undefined> => {
      // Another call of the same id has done it, and has its event.
      if (call && !(await claim(client, tenantId, call.request))) return undefined;
      if (!(await work(client))) throw new Undone();
      const noted = call?.audit?.draft(OK);
      if (noted) await allOf([client.query(insertKeyEvent(tenantId, noted.event)), commit()]);
      return noted;
    });
    draft?.kept();
    return true;
  } catch (error) {
    if (error instanceof Undone) return false;
    throw error;
  }
}

/** Whether a change with this id was made in the last 24 hours. @throws MnemeError REQUEST_ID_REUSED, DEPENDENCY_UNAVAILABLE. */
export async function isChangeMade(pool: pg.Pool, tenantId: string, request: WriteRequest): Promise<boolean> {
  const [row] = await readOne<RequestRow>(pool, tenantId, findRequest(tenantId, request));
  return isSameRequest(row, request);
}

interface RequestRow {
  readonly body_hash: Buffer;
}

/** As long as the contract says. */
const REMEMBERED = "interval '24 hours'";
/** Of requests that have become too old as many are removed, whosever they are: more than come. */
const REMOVED = 100;

/** @returns false where another call has done it. */
async function claim(client: pg.PoolClient, tenantId: string, request: WriteRequest): Promise<boolean> {
  // Not left to the removal, which may come to this one last. Before it, for this may have to wait, and who waits must not
  // hold what others wait for.
  const expired = {
    name: "remove_expired_key_request",
    text: `delete from key_requests
           where tenant_id = $1 and rpc = $2 and request_hash = $3 and created_at <= now() - ${REMEMBERED}`,
    values: [tenantId, request.rpc, hash(request.requestId)],
  };
  const removal = {
    name: "remove_old_key_requests",
    text: "select remove_old_key_requests($1)",
    values: [REMOVED],
  };
  const insertion = {
    name: "claim_key_request",
    text: `insert into key_requests (tenant_id, rpc, request_hash, body_hash) values ($1, $2, $3, $4)
           on conflict do nothing`,
    values: [tenantId, request.rpc, hash(request.requestId), hash(request.body)],
  };
  const [, , { rowCount }] = await allOf([
    client.query(expired),
    client.query(removal),
    client.query(insertion),
  ]);
  if (rowCount) return true;
  // Two calls at once: the second has waited here for the first.
  const { rows } = await client.query<RequestRow>(findRequest(tenantId, request));
  if (!isSameRequest(rows[0], request)) throw requestIdReused();
  return false;
}

function findRequest(tenantId: string, { rpc, requestId }: WriteRequest) {
  return {
    name: "find_key_request",
    text: `select body_hash from key_requests
           where tenant_id = $1 and rpc = $2 and request_hash = $3 and created_at > now() - ${REMEMBERED}`,
    values: [tenantId, rpc, hash(requestId)],
  };
}

/** @returns false without a row. @throws MnemeError REQUEST_ID_REUSED. */
function isSameRequest(row: RequestRow | undefined, { body }: WriteRequest): boolean {
  if (row && !row.body_hash.equals(hash(body))) throw requestIdReused();
  return row !== undefined;
}

function hash(value: string | Uint8Array): Buffer {
  return createHash("sha256").update(value).digest();
}
