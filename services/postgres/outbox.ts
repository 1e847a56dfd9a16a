import type pg from "pg";
import { asUnavailable } from "./pool.ts";

/** Something that Temporal must be told. */
export interface OutboxRow {
  readonly id: string;
  readonly tenantId: string;
  readonly topic: string;
  readonly key: string;
}

export interface OutboxBacklog {
  readonly rows: number;
  /** Age of the oldest row, 0 without rows. */
  readonly oldestSeconds: number;
}

export interface OutboxClaim {
  readonly topics: readonly string[];
  /** Rows at most. */
  readonly limit: number;
  /** Rows to leave where they are, as `topic/tenant/key`. */
  readonly except: readonly string[];
  /** The same, by id. */
  readonly exceptIds: readonly string[];
}

/** The relay's view of the outbox, over all tenants. */
export interface Outbox {
  /**
   * Locks rows that nobody else has locked, oldest first, and deletes those whose ids `deliver` returns.
   * Should this process end in between, they are delivered again.
   *
   * @returns how many rows were found.
   * @throws MnemeError DEPENDENCY_UNAVAILABLE; what `deliver` throws.
   */
  claim(
    claim: OutboxClaim,
    deliver: (rows: readonly OutboxRow[]) => Promise<readonly string[]>,
  ): Promise<number>;
  /** Deletes rows that were delivered in another way. */
  remove(ids: readonly string[]): Promise<void>;
  backlog(): Promise<OutboxBacklog>;
}

/** @param pool connects as mneme_relay. */
export function createOutbox(pool: pg.Pool): Outbox {
  return {
    async claim({ topics, limit, except, exceptIds }, deliver) {
      const client = await pool.connect().catch((error: unknown) => {
        throw asUnavailable(error);
      });
      let broken = false;
      const onError = () => {
        broken = true;
      };
      client.on("error", onError);
      try {
        await client.query("begin");
        const { rows } = await client.query<{ id: string; tenant_id: string; topic: string; key: string }>({
          name: "claim_outbox",
          text: `select id, tenant_id, topic, key from outbox
                 where topic = any ($1::text[])
                   and topic || '/' || tenant_id || '/' || key <> all ($2::text[])
                   and id <> all ($3::bigint[])
                 order by id limit $4 for update skip locked`,
          values: [topics, except, exceptIds, limit],
        });
        const delivered = rows.length > 0 ? await deliver(rows.map(toOutboxRow)) : [];
        if (delivered.length > 0) {
          await client.query({
            name: "delete_outbox",
            text: "delete from outbox where id = any ($1::bigint[])",
            values: [delivered],
          });
        }
        await client.query("commit");
        return rows.length;
      } catch (error) {
        if (!broken) await client.query("rollback").catch(onError);
        throw asUnavailable(error);
      } finally {
        client.removeListener("error", onError);
        client.release(broken);
      }
    },
    async remove(ids) {
      await pool.query("delete from outbox where id = any ($1::bigint[])", [ids]).catch((error: unknown) => {
        throw asUnavailable(error);
      });
    },
    async backlog() {
      const { rows } = await pool
        .query<{ rows: string; oldest: string }>(
          `select count(*) as rows, coalesce(extract(epoch from now() - min(created_at)), 0) as oldest from outbox`,
        )
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return { rows: Number(rows[0]?.rows ?? 0), oldestSeconds: Number(rows[0]?.oldest ?? 0) };
    },
  };
}

function toOutboxRow(row: { id: string; tenant_id: string; topic: string; key: string }): OutboxRow {
  return { id: row.id, tenantId: row.tenant_id, topic: row.topic, key: row.key };
}
