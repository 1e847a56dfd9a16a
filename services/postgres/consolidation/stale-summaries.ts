import type pg from "pg";
import { dropMemories } from "../memory-removal.ts";
import { summariesOn } from "./resting.ts";

/**
 * Removes summaries that tell what is otherwise by now, inside the write that changes it; their episodes come back, the
 * changed ones as they are now.
 */
export async function dropSummariesOn(
  client: pg.PoolClient,
  tenantId: string,
  changed: readonly string[],
): Promise<void> {
  await dropMemories(client, tenantId, await summariesOn(client, tenantId, changed));
}
