import type { ChainedEvent } from "@mneme/core/audit/event.ts";
import { beginningOf, hashEvent } from "@mneme/core/audit/hash.ts";
import {
  type Anchor,
  type AuditAnchors,
  agreedEnd,
  type HeadSigner,
  type SignedEnd,
  type TrailEnd,
} from "@mneme/core/audit/head.ts";
import type pg from "pg";
import { EVENT_COLUMNS, type EventRow, insertChained, toEvent } from "./audit-rows.ts";
import { asUnavailable, withTenant } from "./pool.ts";

export interface ChainDeps {
  /** Connects as mneme_app. */
  readonly pool: pg.Pool;
  readonly anchors: AuditAnchors;
  readonly signer: Pick<HeadSigner, "sign">;
}

export interface AuditBacklog {
  readonly rows: number;
  /** Age of the oldest event that waits; 0 without any. */
  readonly oldestSeconds: number;
}

/** Takes events out of the inbox into the trails. Several may run. */
export interface AuditChain {
  /**
   * Tenants whose events wait, longest waiting first, and those whose trail's end is to be confirmed.
   *
   * @param without tenants that are not asked for; they take no place from others.
   */
  waiting(limit: number, without?: readonly string[]): Promise<string[]>;
  /**
   * Puts a tenant's events into their order, `limit` at most. Where this process ends in between, nothing is lost and
   * nothing is there twice.
   *
   * @returns how many; `undefined` where another process is at it, and nothing was looked at.
   * @throws TrailBrokenError
   * @throws AnchorMovedError where the turn was lost: the record went away, or ended a transaction that hung.
   */
  chain(tenantId: string, limit: number): Promise<number | undefined>;
  backlog(): Promise<AuditBacklog>;
}

/** The trail does not end where it was last said to: somebody has written or removed there. Nothing is put behind it. */
export class TrailBrokenError extends Error {
  override readonly name = "TrailBrokenError";
  readonly tenantId: string;
  readonly sequence: number;

  constructor(tenantId: string, sequence: number) {
    super("an audit trail does not end where it was signed");
    this.tenantId = tenantId;
    this.sequence = sequence;
  }
}

const UNCONFIRMED_MS = 5_000;

export function createAuditChain(deps: ChainDeps): AuditChain {
  const { pool, anchors } = deps;
  const read = async <Row extends pg.QueryResultRow>(name: string, text: string, values: unknown[]) => {
    const found = await pool.query<Row>({ name, text, values }).catch((error: unknown) => {
      throw asUnavailable(error);
    });
    return found.rows;
  };
  return {
    async waiting(limit, without = []) {
      const text = "select list_audit_backlog($1, $2::uuid[]) as tenant_id";
      const rows = await read<{ tenant_id: string }>("list_audit_backlog", text, [limit, without]);
      const unconfirmed = await anchors.unconfirmed(UNCONFIRMED_MS, limit + without.length);
      const found = new Set([...rows.map(({ tenant_id }) => tenant_id), ...unconfirmed]);
      for (const tenantId of without) found.delete(tenantId);
      return [...found];
    },
    async chain(tenantId, limit) {
      let end: SignedEnd | undefined;
      const chained = await withTenant(pool, tenantId, async (client) => {
        if (!(await takeTurn(client))) return undefined;
        const { seen, before } = await agree(deps, tenantId, await readEnd(client, tenantId));
        const waiting = await takeWaiting(client, tenantId, limit);
        const fresh = await withoutChained(client, tenantId, waiting);
        if (fresh.length === 0) {
          await removeChained(client, waiting);
          if (seen?.before) await anchors.settle(tenantId, seen, before);
          return 0;
        }
        const events = putInOrder(before, fresh);
        const last = events.at(-1) as ChainedEvent;
        end = { sequence: last.sequence, hash: last.hash, head: await deps.signer.sign(tenantId, last) };
        await client.query(insertChained(tenantId, events));
        await removeChained(client, waiting);
        // Last, so that little can go wrong between this and the commit. The turn may be lost by now, and another's.
        await anchors.announce(tenantId, seen, before, end);
        return events.length;
      });
      if (end) await anchors.confirm(tenantId, end);
      return chained;
    },
    async backlog() {
      const text = "select events, oldest_seconds from audit_backlog()";
      const [row] = await read<{ events: string; oldest_seconds: number }>("audit_backlog", text, []);
      return { rows: Number(row?.events ?? 0), oldestSeconds: row?.oldest_seconds ?? 0 };
    },
  };
}

/** Until the transaction's end nobody else chains for the tenant. */
async function takeTurn(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>({
    name: "take_audit_turn",
    text: "select pg_try_advisory_xact_lock(hashtextextended('audit/' || current_tenant(), 0)) as taken",
  });
  return rows[0]?.taken ?? false;
}

async function readEnd(client: pg.PoolClient, tenantId: string): Promise<TrailEnd> {
  const { rows } = await client.query<{ sequence: string; hash: Buffer }>({
    name: "read_audit_end",
    text: "select sequence, hash from audit_events where tenant_id = $1 order by sequence desc limit 1",
    values: [tenantId],
  });
  const row = rows[0];
  return row
    ? { sequence: Number(row.sequence), hash: row.hash }
    : { sequence: 0, hash: beginningOf(tenantId) };
}

interface Agreed {
  readonly seen: Anchor | undefined;
  /** Where the trail ends. */
  readonly before: SignedEnd;
}

/** @throws TrailBrokenError */
async function agree({ anchors }: ChainDeps, tenantId: string, last: TrailEnd): Promise<Agreed> {
  const seen = await anchors.read(tenantId);
  const before = agreedEnd(seen, last);
  if (!before) throw new TrailBrokenError(tenantId, last.sequence);
  return { seen, before };
}

type WaitingRow = EventRow & { readonly id: string };

async function takeWaiting(client: pg.PoolClient, tenantId: string, limit: number): Promise<WaitingRow[]> {
  const { rows } = await client.query<WaitingRow>({
    name: "read_audit_inbox",
    text: `select id, ${EVENT_COLUMNS} from audit_inbox where tenant_id = $1 order by id limit $2`,
    values: [tenantId, limit],
  });
  return rows;
}

/** An event may have been delivered more than once: what has its id is in the trail, or before it here, is no other. */
async function withoutChained(
  client: pg.PoolClient,
  tenantId: string,
  waiting: readonly WaitingRow[],
): Promise<WaitingRow[]> {
  const byId = new Map<string, WaitingRow>();
  for (const row of waiting) if (!byId.has(row.event_id)) byId.set(row.event_id, row);
  if (byId.size === 0) return [];
  const { rows } = await client.query<{ event_id: string }>({
    name: "find_chained_audit_events",
    text: "select event_id from audit_events where tenant_id = $1 and event_id = any ($2::uuid[])",
    values: [tenantId, [...byId.keys()]],
  });
  for (const { event_id } of rows) byId.delete(event_id);
  return [...byId.values()];
}

async function removeChained(client: pg.PoolClient, waiting: readonly WaitingRow[]): Promise<void> {
  const ids = waiting.map(({ id }) => id);
  const { rows } = await client.query<{ removed: string }>({
    name: "remove_chained_audit_events",
    text: "select remove_chained_audit_events($1::bigint[]) as removed",
    values: [ids],
  });
  if (Number(rows[0]?.removed) !== ids.length) throw new Error("an audit event vanished from the inbox");
}

function putInOrder(before: TrailEnd, waiting: readonly WaitingRow[]): ChainedEvent[] {
  let { sequence, hash } = before;
  return waiting.map((row) => {
    const event = toEvent(row);
    sequence += 1;
    hash = hashEvent(hash, event, sequence);
    return { ...event, sequence, hash };
  });
}
