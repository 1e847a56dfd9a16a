import type { AuditReader, AuditStore } from "@mneme/core/audit/audit-store.ts";
import { LRUCache } from "lru-cache";
import { listEvents, type Mac } from "./audit-list.ts";
import { type ChainedRow, EVENT_COLUMNS, toChained } from "./audit-rows.ts";
import type { Database } from "./database.ts";
import type { Fence } from "./reach.ts";
import { type Query, readTogether } from "./read-together.ts";

/** Behind every place. */
const END = Number.MAX_SAFE_INTEGER;
/** Places that one answer looks at: those of a small project can lie far apart among those of a large tenant. */
const MOST_LOOKED_AT = 20_000;

/** Reads trails. */
export function createAuditStore(database: Database): AuditStore {
  const { pool, cipher } = database;
  const macKeys = new LRUCache<string, string>({ max: 10_000 });

  /** Of the tenant, also where the caller is in no project. */
  async function macOf(tenantId: string, signal?: AbortSignal): Promise<Mac> {
    await database.keys.admit(tenantId);
    let keyId = macKeys.get(tenantId);
    if (keyId === undefined) {
      const text = "select mac_key_id from tenants where id = $1";
      const query: Query<{ mac_key_id: string }> = { name: "read_mac_key", text, values: [tenantId] };
      const [[row]] = await readTogether(pool, { tenantId }, [query], signal);
      if (!row) throw new Error("the credentials name a tenant that does not exist");
      keyId = row.mac_key_id;
      macKeys.set(tenantId, keyId);
    }
    const known = keyId;
    return (domain, value) => cipher.mac(tenantId, known, domain, value);
  }

  async function lastOf(tenantId: string, signal?: AbortSignal): Promise<number> {
    const [[end]] = await readTogether(pool, { tenantId }, [endQuery(tenantId)], signal);
    return Number(end?.last ?? 0);
  }

  return {
    async list(reader, listing, signal) {
      const mac = await macOf(reader.tenantId, signal);
      return listEvents(pool, fenceFor(reader), reader, mac, listing, signal);
    },
    async since(reader, sequence, limit, signal) {
      const { tenantId } = reader;
      // The end first: what comes in between is looked at the next time.
      const last = await lastOf(tenantId, signal);
      if (last <= sequence) return { events: [], lookedTo: sequence };
      const to = Math.min(last, sequence + MOST_LOOKED_AT);
      const query = rangeQuery(tenantId, sequence, limit, to);
      const [rows] = await readTogether(pool, fenceFor(reader), [query], signal);
      const events = rows.map(toChained);
      return { events, lookedTo: events.length < limit ? to : (events.at(-1)?.sequence ?? to) };
    },
    lastOf,
    async behind(tenantId, sequence, limit, signal) {
      const [rows] = await readTogether(pool, { tenantId }, [rangeQuery(tenantId, sequence, limit)], signal);
      return rows.map(toChained);
    },
    async hashAt(tenantId, sequence, signal) {
      const text = "select hash from audit_events where tenant_id = $1 and sequence = $2";
      const query: Query<{ hash: Buffer }> = { name: "audit_hash_at", text, values: [tenantId, sequence] };
      const [[row]] = await readTogether(pool, { tenantId }, [query], signal);
      return row?.hash;
    },
  };
}

function fenceFor({ tenantId, projectId, isOfTenant }: AuditReader): Fence {
  return isOfTenant ? { tenantId } : { tenantId, projectId };
}

function endQuery(tenantId: string): Query<{ last: string | null }> {
  return {
    name: "audit_end",
    text: "select max(sequence) as last from audit_events where tenant_id = $1",
    values: [tenantId],
  };
}

function rangeQuery(tenantId: string, behind: number, limit: number, to = END): Query<ChainedRow> {
  return {
    name: "audit_events_behind",
    text: `select sequence, hash, ${EVENT_COLUMNS} from audit_events
           where tenant_id = $1 and sequence > $2 and sequence <= $4 order by sequence limit $3`,
    values: [tenantId, behind, limit, to],
  };
}
