import type { AuditFilter, AuditReader, AuditStore } from "@mneme/core/audit/audit-store.ts";
import { LRUCache } from "lru-cache";
import { type ChainedRow, EVENT_COLUMNS, toChained } from "./audit-rows.ts";
import type { Database, MacDomain } from "./database.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";
import type { Fence } from "./reach.ts";
import { type Query, readTogether } from "./read-together.ts";

/** Behind every place. */
const END = "9223372036854775807";

type Mac = (domain: MacDomain, value: string) => Promise<Buffer>;

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

  return {
    async list(reader, { filter, pageSize, pageToken }, signal) {
      const { tenantId } = reader;
      const mac = await macOf(tenantId, signal);
      const bound = ["audit", reader.isOfTenant ? "" : reader.projectId, ...Object.entries(filter).sort()];
      const below = (await openPageToken(mac, bound, pageToken)) ?? END;
      const query = await listQuery(reader, mac, filter, below, pageSize + 1);
      const [rows] = await readTogether(pool, fenceFor(reader), [query], signal);
      const events = rows.slice(0, pageSize).map(toChained);
      const last = rows.length > events.length ? events.at(-1) : undefined;
      return {
        events,
        nextPageToken: last ? await sealPageToken(mac, bound, String(last.sequence)) : "",
      };
    },
    async since(reader, sequence, limit, signal) {
      const { tenantId } = reader;
      // The end first: what comes in between is looked at the next time.
      const [[end]] = await readTogether(pool, { tenantId }, [endQuery(tenantId)], signal);
      const last = Number(end?.last ?? 0);
      if (last <= sequence) return { events: [], lookedTo: sequence };
      const [rows] = await readTogether(
        pool,
        fenceFor(reader),
        [rangeQuery(tenantId, sequence, limit, last)],
        signal,
      );
      const events = rows.map(toChained);
      return { events, lookedTo: events.length < limit ? last : (events.at(-1)?.sequence ?? last) };
    },
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

function rangeQuery(tenantId: string, behind: number, limit: number, last?: number): Query<ChainedRow> {
  return {
    name: "audit_events_behind",
    text: `select sequence, hash, ${EVENT_COLUMNS} from audit_events
           where tenant_id = $1 and sequence > $2 and sequence <= $4 order by sequence limit $3`,
    values: [tenantId, behind, limit, last ?? END],
  };
}

interface Condition {
  readonly name: string;
  /** Given its parameter. */
  readonly text: (parameter: string) => string;
  readonly value: unknown;
}

async function listQuery(
  { tenantId }: AuditReader,
  mac: Mac,
  filter: AuditFilter,
  below: string,
  limit: number,
): Promise<Query<ChainedRow>> {
  const conditions = await conditionsOf(mac, filter);
  const texts = conditions.map(({ text }, index) => ` and ${text(`$${index + 4}`)}`);
  return {
    name: `list_audit_events_${conditions.map(({ name }) => name).join("_")}`,
    text: `select sequence, hash, ${EVENT_COLUMNS} from audit_events
           where tenant_id = $1 and sequence < $2 ${texts.join("")} order by sequence desc limit $3`,
    values: [tenantId, below, limit, ...conditions.map(({ value }) => value)],
  };
}

async function conditionsOf(mac: Mac, filter: AuditFilter): Promise<Condition[]> {
  const { after, before, action, apiKeyId, userId, resourceId, code } = filter;
  const given = (name: string, value: unknown, text: Condition["text"]): Condition[] =>
    value === undefined || value === "" ? [] : [{ name, value, text }];
  return [
    ...given("after", after, (p) => `occurred_at >= ${p}`),
    ...given("before", before, (p) => `occurred_at < ${p}`),
    ...(action?.endsWith("/")
      ? given("service", action, (p) => `starts_with(action, ${p})`)
      : given("action", action, (p) => `action = ${p}`)),
    ...given("key", apiKeyId, (p) => `api_key_id = ${p}`),
    ...given("user", userId && (await mac("user", userId)), (p) => {
      const subject = `(select id from subjects where tenant_id = $1 and user_mac = ${p})`;
      // Of nobody there is nothing: without a person the function would ask for all.
      return `exists (select from subjects where tenant_id = $1 and user_mac = ${p})
        and sequence = any (array(select audit_places_of(${subject}, null, $2)))`;
    }),
    ...given("resource", resourceId, (p) => `sequence = any (array(select audit_places_of(null, ${p}, $2)))`),
    ...given("code", code, (p) => `code = ${p}`),
  ];
}
