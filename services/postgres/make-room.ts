import { eventOfService } from "@mneme/core/audit/auditor.ts";
import type { StreamResult } from "@mneme/core/extraction/ingest-store.ts";
import { type HeldMemory, leavingOf, type Room } from "@mneme/core/memory/make-room.ts";
import { insertEvents } from "./audit-rows.ts";
import { withEpisodes } from "./consolidation/resting.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";
import { archiveHeld } from "./memory-archive.ts";
import { dropMemories } from "./memory-removal.ts";
import { CURRENT_VERSION, NOT_ARCHIVED, NOT_EXPIRED } from "./memory-rows.ts";

/**
 * Lets those leave for which a stream has no room, under its lock: whoever adds to it next counts what this one left.
 *
 * @param moment record time, as PostgreSQL prints it.
 */
export async function makeRoom(
  transaction: IngestTransaction,
  results: readonly StreamResult[],
  moment: string,
): Promise<void> {
  for (const { batch, room } of results) {
    if (!room || (room.most === undefined && room.mostRecent.length === 0)) continue;
    const leaving = leavingOf(await readHeld(transaction, batch.streamId), room);
    if (leaving.length > 0) await letLeave(transaction, batch.projectId, leaving, room, moment);
  }
}

interface HeldRow extends Omit<HeldMemory, "memoryId" | "usedAt" | "saidAt"> {
  readonly id: string;
  readonly said_at: Date;
  readonly last_used_at: Date | null;
}

async function readHeld({ client, tenantId }: IngestTransaction, streamId: string): Promise<HeldMemory[]> {
  const { rows } = await client.query<HeldRow>({
    name: "held_of_stream",
    text: `select m.id, v.category, v.importance, v.confidence, v.said_at, u.last_used_at
           from memories m ${CURRENT_VERSION}
           left join memory_uses u on u.tenant_id = m.tenant_id and u.memory_id = m.id
           where m.tenant_id = $1 and m.stream_id = $2 and m.state = 'active' and ${NOT_ARCHIVED} and ${NOT_EXPIRED}`,
    values: [tenantId, streamId],
  });
  return rows.map(({ id, said_at, last_used_at, ...row }) => {
    return { ...row, memoryId: id, saidAt: said_at, usedAt: last_used_at ?? undefined };
  });
}

async function letLeave(
  { client, tenantId }: IngestTransaction,
  projectId: string,
  ids: readonly string[],
  { leaving }: Room,
  moment: string,
): Promise<void> {
  // What a summary tells stays archived with it, or goes with it: else its place would be taken by several.
  const gone = leaving === "archive" ? ids : await withEpisodes(client, tenantId, ids);
  if (leaving === "archive") await archiveHeld(client, tenantId, gone, "full", moment);
  else await dropMemories(client, tenantId, gone);
  const resources = gone.map((id) => ({ type: "memory", id }) as const);
  const action = leaving === "archive" ? "full/archived" : "full/removed";
  await client.query(
    insertEvents(tenantId, [eventOfService({ service: "ingest", action, projectId, resources })]),
  );
}
