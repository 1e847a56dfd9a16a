import { eventOfService } from "@mneme/core/audit/auditor.ts";
import type { StreamBatch } from "@mneme/core/extraction/ingest-store.ts";
import { type HeldMemory, leavingOf, type Room } from "@mneme/core/memory/make-room.ts";
import { insertEvents } from "./audit-rows.ts";
import { withEpisodes } from "./consolidation/resting.ts";
import type { IngestTransaction } from "./ingest-transaction.ts";
import { archiveHeld } from "./memory-archive.ts";
import { dropMemories } from "./memory-removal.ts";
import { CURRENT_VERSION, NOT_ARCHIVED, NOT_EXPIRED } from "./memory-rows.ts";

/** A stream that something was added to. */
export interface MadeFuller {
  readonly batch: Pick<StreamBatch, "streamId" | "projectId">;
  /** Any if absent. */
  readonly room?: Room | undefined;
}

/**
 * Lets those leave for which a stream has no room, under its lock: whoever adds to it next counts what this one left.
 *
 * @param moment record time, as PostgreSQL prints it.
 */
export async function makeRoom(
  transaction: IngestTransaction,
  results: readonly MadeFuller[],
  moment: string,
): Promise<void> {
  for (const { batch, room } of results) {
    if (!room || (room.most === undefined && room.mostRecent.length === 0)) continue;
    const leaving = await leavingFrom(transaction, batch.streamId, room);
    if (leaving.length > 0) await letLeave(transaction, batch.projectId, leaving, room, moment);
  }
}

interface HeldRow extends Omit<HeldMemory, "memoryId" | "usedAt" | "saidAt"> {
  readonly id: string;
  readonly said_at: Date;
  readonly last_used_at: Date | null;
}

/**
 * Of a stream, `leavingOf` it: read are its number, those of the categories that are bounded, and as many of the weakest as
 * there are too many. Whoever else there is stays in any case.
 */
async function leavingFrom(
  transaction: IngestTransaction,
  streamId: string,
  { most, ...room }: Room,
): Promise<string[]> {
  const excess = most === undefined ? 0 : Math.max(0, (await countHeld(transaction, streamId)) - most);
  if (excess === 0 && room.mostRecent.length === 0) return [];
  const held = await readHeld(transaction, streamId, room.mostRecent, excess);
  return leavingOf(held, { ...room, most: most === undefined ? undefined : held.length - excess });
}

const HELD = `m.tenant_id = $1 and m.stream_id = $2 and m.state = 'active' and ${NOT_ARCHIVED} and ${NOT_EXPIRED}`;

async function countHeld({ client, tenantId }: IngestTransaction, streamId: string): Promise<number> {
  const { rows } = await client.query<{ held: number }>({
    name: "count_held",
    text: `select count(*)::integer as held from memories m where ${HELD}`,
    values: [tenantId, streamId],
  });
  return rows[0]?.held ?? 0;
}

const USES = "left join memory_uses u on u.tenant_id = m.tenant_id and u.memory_id = m.id";

/** @param weakest how many of them, in the order of `byWeakness`. */
async function readHeld(
  { client, tenantId }: IngestTransaction,
  streamId: string,
  mostRecent: Room["mostRecent"],
  weakest: number,
): Promise<HeldMemory[]> {
  const categories = mostRecent.map(({ category }) => category.trim().toLowerCase());
  const { rows } = await client.query<HeldRow>({
    name: "held_of_stream",
    text: `with weakest as (
             select m.id from memories m ${CURRENT_VERSION} ${USES} where ${HELD} and $4 > 0
             order by v.importance, v.confidence, u.last_used_at nulls first, v.said_at, m.id limit $4)
           select m.id, v.category, v.importance, v.confidence, v.said_at, u.last_used_at
           from memories m ${CURRENT_VERSION} ${USES}
           where ${HELD} and lower(btrim(v.category)) = any ($3::text[])
           union
           select m.id, v.category, v.importance, v.confidence, v.said_at, u.last_used_at
           from weakest w join memories m on m.tenant_id = $1 and m.id = w.id ${CURRENT_VERSION} ${USES}`,
    values: [tenantId, streamId, categories, weakest],
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
