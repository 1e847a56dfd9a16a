import type pg from "pg";
import { asUnavailable } from "./pool.ts";

/** What may be done over all tenants: nothing but removing what has expired. */
export interface Maintenance {
  /** Deletes session windows whose time is over, with their turns. @returns how many. */
  removeSessionWindows(limit: number): Promise<number>;
  /** Deletes idempotency records older than 24 hours. @returns how many. */
  removeRequests(limit: number): Promise<number>;
}

/** @param pool connects as mneme_app. */
export function createMaintenance(pool: pg.Pool): Maintenance {
  const call = async (name: string, limit: number) => {
    const { rows } = await pool
      .query<{ removed: number }>(`select ${name}($1) as removed`, [limit])
      .catch((error: unknown) => {
        throw asUnavailable(error);
      });
    return rows[0]?.removed ?? 0;
  };
  return {
    removeSessionWindows: (limit) => call("remove_expired_session_windows", limit),
    removeRequests: (limit) => call("remove_old_requests", limit),
  };
}
