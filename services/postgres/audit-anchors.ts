import { type Anchor, AnchorMovedError, type AuditAnchors } from "@mneme/core/audit/head.ts";
import type pg from "pg";
import { listTenants } from "./list-tenants.ts";
import { readOne, writeOne } from "./one-statement.ts";
import type { Query } from "./read-together.ts";

interface AnchorRow {
  readonly sequence: string;
  readonly hash: Buffer;
  readonly head: string;
  readonly before_sequence: string;
  readonly before_hash: Buffer;
  readonly before_head: string;
  readonly is_confirmed: boolean;
  readonly version: string;
}

/** @param pool connects as mneme_keys. */
export function createAuditAnchors(pool: pg.Pool): AuditAnchors {
  async function move(tenantId: string, query: Query<unknown>): Promise<void> {
    if ((await writeOne(pool, tenantId, query)) === 0) throw new AnchorMovedError();
  }

  return {
    async read(tenantId) {
      const [row] = await readOne<AnchorRow>(pool, tenantId, {
        name: "read_audit_anchor",
        text: "select * from audit_anchors where tenant_id = $1",
        values: [tenantId],
      });
      return row && toAnchor(row);
    },
    announce(tenantId, seen, before, end) {
      const values = [tenantId, before.sequence, before.hash, before.head, end.sequence, end.hash, end.head];
      return move(
        tenantId,
        seen
          ? { name: "announce_audit_end", text: ANNOUNCE, values: [...values, seen.version] }
          : { name: "announce_first_audit_end", text: ANNOUNCE_FIRST, values },
      );
    },
    async confirm(tenantId, { sequence, hash }) {
      await writeOne(pool, tenantId, {
        name: "confirm_audit_end",
        text: `update audit_anchors set is_confirmed = true, updated_at = now()
               where tenant_id = $1 and sequence = $2 and hash = $3`,
        values: [tenantId, sequence, hash],
      });
    },
    settle: (tenantId, seen, { sequence, hash, head }) =>
      move(tenantId, {
        name: "settle_audit_end",
        text: `update audit_anchors set sequence = $2, hash = $3, head = $4, is_confirmed = true,
                 version = version + 1, updated_at = now()
               where tenant_id = $1 and version = $5`,
        values: [tenantId, sequence, hash, head, seen.version],
      }),
    unconfirmed: (idleMs, limit) =>
      listTenants(pool, {
        name: "list_unconfirmed_audit_ends",
        text: "select list_unconfirmed_audit_ends(make_interval(secs => $1), $2) as tenant_id",
        values: [idleMs / 1_000, limit],
      }),
  };
}

const ANNOUNCE_FIRST = `insert into audit_anchors (tenant_id, before_sequence, before_hash, before_head, sequence, hash,
    head, is_confirmed)
  values ($1, $2, $3, $4, $5, $6, $7, false) on conflict (tenant_id) do nothing`;

const ANNOUNCE = `update audit_anchors set before_sequence = $2, before_hash = $3, before_head = $4, sequence = $5,
    hash = $6, head = $7, is_confirmed = false, version = version + 1, updated_at = now()
  where tenant_id = $1 and version = $8`;

function toAnchor(row: AnchorRow): Anchor {
  const before = { sequence: Number(row.before_sequence), hash: row.before_hash, head: row.before_head };
  return {
    version: Number(row.version),
    end: { sequence: Number(row.sequence), hash: row.hash, head: row.head },
    before: row.is_confirmed ? undefined : before,
  };
}
