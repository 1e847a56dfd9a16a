import type { Anchor, AuditAnchors } from "@mneme/core/audit/head.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";

interface AnchorRow {
  readonly sequence: string;
  readonly hash: Buffer;
  readonly head: string;
  readonly before_sequence: string;
  readonly before_hash: Buffer;
  readonly before_head: string;
  readonly is_confirmed: boolean;
}

/** @param pool connects as mneme_keys. */
export function createAuditAnchors(pool: pg.Pool): AuditAnchors {
  const query = async <Row extends pg.QueryResultRow>(
    name: string,
    text: string,
    values: readonly unknown[],
  ): Promise<Row[]> => {
    try {
      return (await pool.query<Row>({ name, text, values: [...values] })).rows;
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  return {
    async read(tenantId) {
      const text = "select * from audit_anchors where tenant_id = $1";
      const [row] = await query<AnchorRow>("read_audit_anchor", text, [tenantId]);
      return row && toAnchor(row);
    },
    async announce(tenantId, before, end) {
      await query(
        "announce_audit_end",
        `insert into audit_anchors (tenant_id, before_sequence, before_hash, before_head, sequence, hash, head,
           is_confirmed)
         values ($1, $2, $3, $4, $5, $6, $7, false)
         on conflict (tenant_id) do update set before_sequence = $2, before_hash = $3, before_head = $4,
           sequence = $5, hash = $6, head = $7, is_confirmed = false, updated_at = now()`,
        [tenantId, before.sequence, before.hash, before.head, end.sequence, end.hash, end.head],
      );
    },
    async confirm(tenantId, { sequence, hash }) {
      await query(
        "confirm_audit_end",
        `update audit_anchors set is_confirmed = true, updated_at = now()
         where tenant_id = $1 and sequence = $2 and hash = $3`,
        [tenantId, sequence, hash],
      );
    },
    async settle(tenantId, { sequence, hash, head }) {
      await query(
        "settle_audit_end",
        `update audit_anchors set sequence = $2, hash = $3, head = $4, is_confirmed = true, updated_at = now()
         where tenant_id = $1 and not is_confirmed`,
        [tenantId, sequence, hash, head],
      );
    },
    async unconfirmed(idleMs, limit) {
      const rows = await query<{ tenant_id: string }>(
        "unconfirmed_audit_ends",
        `select tenant_id from audit_anchors
         where not is_confirmed and updated_at < now() - make_interval(secs => $1) limit $2`,
        [idleMs / 1_000, limit],
      );
      return rows.map(({ tenant_id }) => tenant_id);
    },
  };
}

function toAnchor(row: AnchorRow): Anchor {
  const before = { sequence: Number(row.before_sequence), hash: row.before_hash, head: row.before_head };
  return {
    end: { sequence: Number(row.sequence), hash: row.hash, head: row.head },
    before: row.is_confirmed ? undefined : before,
  };
}
