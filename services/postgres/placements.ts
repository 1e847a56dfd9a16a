import { MnemeError } from "@mneme/core/errors.ts";
import { PLACES_CACHE_MS, type Placement, type PlacementStore } from "@mneme/core/tenancy/placement.ts";
import { LRUCache } from "lru-cache";
import type pg from "pg";
import { asUnavailable, withTenant } from "./pool.ts";

export interface PlacementsOptions {
  /** Where a tenant without a row is: MNEME_INDEX_POOL. */
  readonly defaultPool: string;
  /** Must be the same in every process. */
  readonly cacheMs?: number;
}

interface PlacementRow {
  readonly tenant_id: string;
  readonly pool: string;
  readonly moving_to: string | null;
  readonly leaving: string | null;
  readonly wanted: string | null;
}

const COLUMNS = "tenant_id, pool, moving_to, leaving, wanted";
/** Tenants that a process remembers; a miss costs one question. */
const MOST_REMEMBERED = 50_000;

/** Placements as the record has them. @param pool connects as mneme_app. */
export function createPlacements(pool: pg.Pool, options: PlacementsOptions): PlacementStore {
  const { defaultPool, cacheMs = PLACES_CACHE_MS } = options;
  const known = new LRUCache<string, { readonly until: number; readonly placement: Promise<Placement> }>({
    max: MOST_REMEMBERED,
  });
  const unplaced = (tenantId: string): Placement => {
    return { tenantId, pool: defaultPool, movingTo: undefined, leaving: undefined, wanted: undefined };
  };

  async function ask(tenantIds: readonly string[]): Promise<Map<string, Placement>> {
    const { rows } = await pool
      .query<PlacementRow>({
        name: "placements_of",
        text: `select ${COLUMNS} from placements_of($1)`,
        values: [tenantIds],
      })
      .catch((error: unknown) => {
        throw asUnavailable(error);
      });
    return new Map(rows.map((row) => [row.tenant_id, toPlacement(row)]));
  }

  /** One question for all of these. Timed from before it: an answer is never older than it claims. */
  function learn(tenantIds: readonly string[]): Map<string, Promise<Placement>> {
    const until = performance.now() + cacheMs;
    const answer = ask(tenantIds);
    const asked = new Map<string, Promise<Placement>>();
    for (const tenantId of tenantIds) {
      const placement = answer.then((found) => found.get(tenantId) ?? unplaced(tenantId));
      const entry = { until, placement };
      known.set(tenantId, entry);
      asked.set(tenantId, placement);
      placement.catch(() => {
        if (known.peek(tenantId) === entry) known.delete(tenantId);
      });
    }
    return asked;
  }

  /** Runs statements that take a tenant and a pool. */
  async function change(
    tenantId: string,
    steps: readonly { readonly text: string; readonly pool: string }[],
    signal?: AbortSignal,
  ): Promise<Placement> {
    const run = async (client: pg.PoolClient) => {
      for (const step of steps) await client.query(step.text, [tenantId, step.pool]);
    };
    await withTenant(pool, tenantId, run, signal);
    known.delete(tenantId);
    return find(tenantId, signal);
  }

  async function find(tenantId: string, signal?: AbortSignal): Promise<Placement> {
    signal?.throwIfAborted();
    return (await ask([tenantId])).get(tenantId) ?? unplaced(tenantId);
  }

  return {
    async of(tenantIds, signal) {
      const now = performance.now();
      const missing = tenantIds.filter((tenantId) => (known.get(tenantId)?.until ?? 0) < now);
      const asked = missing.length > 0 ? learn(missing) : new Map<string, Promise<Placement>>();
      const placed = tenantIds.flatMap(
        (tenantId) => asked.get(tenantId) ?? known.get(tenantId)?.placement ?? [],
      );
      const placements = await Promise.all(placed);
      signal?.throwIfAborted();
      return placements;
    },
    find,
    async pools(signal) {
      signal?.throwIfAborted();
      const { rows } = await pool
        .query<{ pool: string }>("select list_pools() as pool")
        .catch((error: unknown) => {
          throw asUnavailable(error);
        });
      return [...new Set([defaultPool, ...rows.map((row) => row.pool)])];
    },
    begin: (tenantId, to, signal) => {
      const steps = [
        { text: PLACE, pool: defaultPool },
        { text: BEGIN, pool: to },
      ];
      return change(tenantId, steps, signal).catch((error: unknown) => {
        throw (error as { code?: string }).code === FOREIGN_KEY_VIOLATION ? noTenant() : error;
      });
    },
    settle: (tenantId, to, signal) => change(tenantId, [{ text: SETTLE, pool: to }], signal),
    giveUp: (tenantId, to, signal) => {
      const steps = [
        { text: GIVE_UP, pool: to },
        // Also of a move that failed before it began.
        { text: NOT_WANTED, pool: to },
      ];
      return change(tenantId, steps, signal);
    },
    arrived: (tenantId, at, signal) => change(tenantId, [{ text: NOT_WANTED, pool: at }], signal),
    left: (tenantId, from, signal) => change(tenantId, [{ text: LEFT, pool: from }], signal),
  };
}

/**
 * Keeps where a tenant is wanted, in the transaction that asks for it.
 *
 * @param client stands under the tenant's fence.
 * @param defaultPool where the tenant is if it was never moved.
 */
export async function want(client: pg.PoolClient, tenantId: string, pool: string, defaultPool: string) {
  await client.query(WANT, [tenantId, defaultPool, pool]);
}

const FOREIGN_KEY_VIOLATION = "23503";

function noTenant(): MnemeError {
  const description = "there is no such tenant; give the id of one that exists";
  return new MnemeError("not_found", "FIELD_INVALID", `tenant_id: ${description}`, {
    fields: [{ field: "tenant_id", description }],
  });
}

const PLACE = "insert into tenant_placements (tenant_id, pool) values ($1, $2) on conflict do nothing";

const NEXT = "revision = p.revision + 1, updated_at = now()";

const WANT = `insert into tenant_placements as p (tenant_id, pool, wanted) values ($1, $2, $3)
  on conflict (tenant_id) do update set wanted = excluded.wanted, ${NEXT}`;

const BEGIN = `update tenant_placements p set moving_to = $2, ${NEXT}
  where tenant_id = $1 and moving_to is null and leaving is null and pool <> $2`;

const SETTLE = `update tenant_placements p set pool = moving_to, leaving = pool, moving_to = null,
    wanted = nullif(wanted, moving_to), ${NEXT}
  where tenant_id = $1 and moving_to = $2`;

const GIVE_UP = `update tenant_placements p set leaving = moving_to, moving_to = null, ${NEXT}
  where tenant_id = $1 and moving_to = $2`;

const NOT_WANTED = `update tenant_placements p set wanted = null, ${NEXT} where tenant_id = $1 and wanted = $2`;

const LEFT = `update tenant_placements p set leaving = null, ${NEXT} where tenant_id = $1 and leaving = $2`;

function toPlacement(row: PlacementRow): Placement {
  return {
    tenantId: row.tenant_id,
    pool: row.pool,
    movingTo: row.moving_to ?? undefined,
    leaving: row.leaving ?? undefined,
    wanted: row.wanted ?? undefined,
  };
}
