import type { Auditor } from "@mneme/core/audit/auditor.ts";
import type { AuditEvent } from "@mneme/core/audit/event.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import { asNobody } from "@mneme/core/tenancy/credential-tenant.ts";
import type pg from "pg";
import { insertEvents } from "./audit-rows.ts";
import { allOf, withClient } from "./pool.ts";
import { fenceStatements } from "./reach.ts";

interface Waiting {
  readonly tenantId: string;
  readonly event: AuditEvent;
  readonly kept: PromiseWithResolvers<void>;
}

/** Events of one transaction. */
const MOST = 500;
/** Transactions at a time: events of the next one gather meanwhile. */
const AT_ONCE = 2;

/**
 * Keeps events of calls that write nothing else. Those of about the same time share a transaction, whosever they are; the
 * server does not wait for its disk, so that an outage of its machine can cost the last half second of them.
 */
export function createAuditInbox(pool: pg.Pool): Auditor {
  let queue: Waiting[] = [];
  let running = 0;

  async function keep(batch: readonly Waiting[]): Promise<void> {
    try {
      await insert(pool, batch);
      for (const { kept } of batch) kept.resolve();
    } catch (error) {
      const tenants = [...Map.groupBy(batch, (one) => one.tenantId).values()];
      if (tenants.length === 1 || error instanceof MnemeError) {
        for (const { kept } of batch) kept.reject(error);
        return;
      }
      // No outage: what the record refuses of one tenant's must not refuse the calls of others. By halves it is soon alone.
      const half = Math.ceil(tenants.length / 2);
      await keep(tenants.slice(0, half).flat());
      await keep(tenants.slice(half).flat());
    }
  }

  async function work(): Promise<void> {
    running += 1;
    while (queue.length > 0) {
      const batch = queue.slice(0, MOST);
      queue = queue.slice(MOST);
      await keep(batch);
    }
    running -= 1;
  }

  return {
    note(tenantId, event) {
      const kept = Promise.withResolvers<void>();
      queue.push({ tenantId, event, kept });
      // Not before others of this turn of the event loop have come as well.
      if (running < AT_ONCE && queue.length === 1) setImmediate(() => asNobody(() => void work()));
      return kept.promise;
    },
  };
}

/** Each tenant's behind its own fence, all in one transaction and one round trip. */
function insert(pool: pg.Pool, batch: readonly Waiting[]): Promise<unknown> {
  return withClient(pool, async (client, discard) => {
    try {
      const sent = [client.query("begin; set local synchronous_commit = off")];
      for (const [tenantId, waiting] of Map.groupBy(batch, (one) => one.tenantId)) {
        sent.push(client.query(fenceStatements({ tenantId })));
        const events = waiting.map(({ event }) => event);
        sent.push(client.query(insertEvents(tenantId, events)));
      }
      sent.push(client.query("commit"));
      const results = await allOf(sent);
      if (results.at(-1)?.command !== "COMMIT") throw new Error("audit events were not committed");
    } catch (error) {
      await client.query("rollback").catch(discard);
      throw error;
    }
  });
}
