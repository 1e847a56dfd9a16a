import type { AuditEvent } from "@mneme/core/audit/event.ts";
import type { KeyEvents } from "@mneme/core/encryption/key-events.ts";
import type pg from "pg";
import { insertEvents } from "./audit-rows.ts";
import { listTenants } from "./list-tenants.ts";
import { readOne, writeOne } from "./one-statement.ts";

/** An event as it is kept: JSON knows no times. */
interface EventRow {
  readonly event: Omit<AuditEvent, "time"> & { readonly time: string };
}

const AT_ONCE = 100;

/** Keeps the event of a change of a tenant's key, in the transaction that makes it. */
export function insertKeyEvent(tenantId: string, event: AuditEvent) {
  return {
    name: "insert_key_event",
    text: "insert into key_events (tenant_id, event_id, event) values ($1, $2, $3)",
    values: [tenantId, event.id, JSON.stringify(event)],
  };
}

/**
 * @param keyPool connects as mneme_keys.
 * @param pool connects as mneme_app.
 */
export function createKeyEvents(keyPool: pg.Pool, pool: pg.Pool): KeyEvents {
  return {
    async deliver(tenantId) {
      const rows = await readOne<EventRow>(keyPool, tenantId, {
        name: "read_key_events",
        text: "select event from key_events where tenant_id = $1 order by created_at limit $2",
        values: [tenantId, AT_ONCE],
      });
      if (rows.length === 0) return 0;
      const events = rows.map(({ event }) => ({ ...event, time: new Date(event.time) }));
      // On the record's disk before they go: the inbox of reads does not wait for that.
      await writeOne(pool, tenantId, insertEvents(tenantId, events));
      await writeOne(keyPool, tenantId, {
        name: "remove_key_events",
        text: "delete from key_events where tenant_id = $1 and event_id = any ($2::uuid[])",
        values: [tenantId, events.map(({ id }) => id)],
      });
      return events.length;
    },
    leftOver: (idleMs, limit, without = []) =>
      listTenants(keyPool, {
        name: "list_key_events",
        text: "select list_key_events(make_interval(secs => $1), $2, $3::uuid[]) as tenant_id",
        values: [idleMs / 1_000, limit, without],
      }),
  };
}
