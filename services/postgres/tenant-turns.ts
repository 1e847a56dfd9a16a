import { MnemeError } from "@mneme/core/errors.ts";
import { createFairTurns, type FairTurns } from "@mneme/core/limits/fair-turns.ts";
import type pg from "pg";

/** Connections that tenants' work leaves: keys are looked up and tokens leased however many of them wait. */
const SPARE = 2;
/** As long as the pool itself waits for a connection. */
const WAIT_MS = 5_000;

const turns = new WeakMap<pg.Pool, FairTurns>();

/**
 * Runs what takes a connection of the pool in its tenant's turn: where more wait than there are connections, a tenant
 * with few statements is not behind all of those of one with many.
 *
 * @throws MnemeError DEPENDENCY_UNAVAILABLE where its turn does not come in time.
 */
export function inTenantTurn<T>(
  pool: pg.Pool,
  tenantId: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return turnsOf(pool)(tenantId, work, signal);
}

function turnsOf(pool: pg.Pool): FairTurns {
  const known = turns.get(pool);
  if (known) return known;
  const fresh = createFairTurns(Math.max(1, pool.options.max - SPARE), { waitMs: WAIT_MS, late: busy });
  turns.set(pool, fresh);
  return fresh;
}

function busy(): MnemeError {
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "the record is busy; try again", {
    metadata: { dependency: "postgres" },
    retryAfterMs: 1_000,
  });
}
