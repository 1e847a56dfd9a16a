import type { Level } from "@mneme/core/limits/levels.ts";
import type { OpenStream, StreamStore } from "@mneme/core/limits/stream-limiter.ts";
import type pg from "pg";
import { asUnavailable } from "./pool.ts";

/** Credentials that reach no project have their streams counted under this one. */
const NO_PROJECT = "00000000-0000-0000-0000-000000000000";

/** Counts open streams. Those of all tenants are renewed in one statement, so no tenant is set for it. */
export function createStreamStore(pool: pg.Pool): StreamStore {
  const run = async <Row extends object>(name: string, text: string, values: readonly unknown[]) => {
    try {
      return (await pool.query<Row>({ name, text, values: [...values] })).rows;
    } catch (error) {
      throw asUnavailable(error);
    }
  };
  return {
    async open(replica, leaseMs, { tenantId, id, projectId, apiKeyId }, most) {
      const rows = await run<{ full: Level | null }>(
        "open_stream",
        "select open_stream($1, $2, $3, $4, $5, $6, $7, $8, $9) as full",
        [
          replica,
          `${leaseMs} milliseconds`,
          tenantId,
          id,
          projectId || NO_PROJECT,
          apiKeyId,
          most.tenant,
          most.project,
          most.api_key,
        ],
      );
      return rows[0]?.full ?? undefined;
    },
    async hold(replica, leaseMs, streams) {
      await run("hold_streams", "select hold_streams($1, $2, $3, $4, $5, $6)", [
        replica,
        `${leaseMs} milliseconds`,
        ...idsOf(streams),
        streams.map(({ projectId }) => projectId || NO_PROJECT),
        streams.map(({ apiKeyId }) => apiKeyId),
      ]);
    },
    async close(streams) {
      await run("close_streams", "select close_streams($1, $2)", idsOf(streams));
    },
  };
}

function idsOf(streams: readonly OpenStream[]): [string[], string[]] {
  return [streams.map(({ tenantId }) => tenantId), streams.map(({ id }) => id)];
}
