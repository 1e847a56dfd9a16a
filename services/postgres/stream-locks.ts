import type pg from "pg";

/**
 * Holds streams until the transaction ends, in one order for all: whoever applies what was read in them,
 * gives up on it or changes their memories by hand takes turns. Adds don't: they only need the stream's row
 * to take the next place, so they never wait for work.
 *
 * The first of the locks of a write: then come persons, memories, and the streams' rows last.
 */
export async function lockStreams(client: pg.PoolClient, ids: readonly string[]): Promise<void> {
  await client.query({
    name: "lock_streams",
    text: `select pg_advisory_xact_lock(key) from
             (select distinct hashtextextended(id::text, 0) as key from unnest($1::uuid[]) as u (id) order by key) k`,
    values: [ids],
  });
}
