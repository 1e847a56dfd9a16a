import { OK } from "@mneme/core/audit/call-audit.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type pg from "pg";
import { insertEvents } from "./audit-rows.ts";
import { allOf, type Commit } from "./pool.ts";

/**
 * The commit of a call's write, with the call's event in front of it in the same round trip: no write is kept without
 * it. Background work is no call and has none.
 */
export function auditedCommit(client: pg.PoolClient, { tenantId, audit }: Tenancy, commit: Commit): Commit {
  if (!audit) return commit;
  let ended: Promise<unknown> | undefined;
  const end = async () => {
    const draft = audit.draft(OK);
    await allOf([client.query(insertEvents(tenantId, [draft.event])), commit()]);
    draft.kept();
  };
  return () => {
    ended ??= end();
    return ended;
  };
}
