import { createHash } from "node:crypto";
import type { CallAudit } from "@mneme/core/audit/call-audit.ts";
import type { Reach, Tenancy } from "@mneme/core/tenancy/caller.ts";
import type pg from "pg";
import { auditedCommit } from "./audit-write.ts";
import { type Commit, withTenant } from "./pool.ts";
import { fenceOf } from "./reach.ts";

/** What every transaction of a tenant has, whether it touches what is sealed or not. */
export interface Transaction {
  readonly client: pg.PoolClient;
  readonly projectId: string;
  /** Undefined: background work. */
  readonly reach: Reach | undefined;
  /** Is told whom and what the transaction touches. */
  readonly audit: CallAudit | undefined;
  readonly commit: Commit;
}

/** What a plain hash may stand for: what the client or we chose, and no person's. */
export type PlainDomain = "request" | "request_body" | "page";

/** A transaction that touches nothing sealed: it needs no key of the tenant, and works while there is none. */
export interface PlainTransaction extends Transaction {
  /** Hash, told apart by tenant; keyed by nothing where no key of the tenant is at hand. */
  mac(domain: PlainDomain, value: string | Uint8Array): Promise<Buffer>;
}

/**
 * Runs `work` in one transaction of the caller's tenant without any of its keys, so that what ends access waits for no key
 * provider.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE when the database does not answer.
 */
export function transactPlainly<T>(
  pool: pg.Pool,
  tenancy: Tenancy,
  work: (transaction: PlainTransaction) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const mac = async (domain: PlainDomain, value: string | Uint8Array) =>
    createHash("sha256").update(`${tenancy.tenantId}/${domain}/`).update(value).digest();
  return inTransaction(pool, tenancy, (transaction) => work({ ...transaction, mac }), signal);
}

/** Runs `work` behind the caller's fence, and commits it with the call's event. */
export function inTransaction<T>(
  pool: pg.Pool,
  tenancy: Tenancy,
  work: (transaction: Transaction) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { projectId, reach, audit } = tenancy;
  return withTenant(
    pool,
    fenceOf(tenancy),
    async (client, end) => {
      const commit = auditedCommit(client, tenancy, end);
      const result = await work({ client, projectId, reach, audit, commit });
      await commit();
      return result;
    },
    signal,
  );
}
