import { ONE_VALUE_SLOTS } from "@mneme/core/profile/one-value.ts";
import type { ProfileMemory } from "@mneme/core/profile/profile.ts";
import type { ProfileStore } from "@mneme/core/profile/profile-store.ts";
import { unlessDamaged } from "./damage.ts";
import type { Database } from "./database.ts";
import type { MemoryDetail } from "./memory-detail.ts";
import { materialQuery, type ProfileRow, type SaidRow, saidQuery, slotsQuery } from "./profile-queries.ts";
import { openReader, type TenantReader } from "./read-together.ts";
import { lookUpScope } from "./scope-lookup.ts";

export interface ProfileStoreOptions {
  /** Told of a memory that a profile leaves out because a value of it is damaged. */
  readonly onDamaged?: (memoryId: string) => void;
}

/** Reads what profiles are built from. */
export function createProfileStore(
  database: Database,
  { onDamaged = () => {} }: ProfileStoreOptions = {},
): ProfileStore {
  return {
    async read(tenancy, reading, signal) {
      const reader = await openReader(database, tenancy);
      const { sessionId: _, ...scope } = reading.scope;
      const found = await lookUpScope(reader, scope, signal);
      if (!found) return { memories: [], participants: [], total: 0 };
      const [rows] = await reader.read([materialQuery(reader, found.ids, reading)], signal);
      const memoryIds = rows.map(({ id }) => id);
      const slotMacs = await Promise.all(ONE_VALUE_SLOTS.map((slot) => reader.mac("slot", slot)));
      const [said, slots] = await reader.read(
        [
          saidQuery(reader.tenantId, memoryIds, reading.knownAt),
          slotsQuery(reader.tenantId, memoryIds, slotMacs),
        ],
        signal,
      );
      const slotsOf = new Map(
        slots.map(({ memory_id, places }) => [
          memory_id,
          places.flatMap((place) => ONE_VALUE_SLOTS[place - 1] ?? []),
        ]),
      );
      const saidOf = Map.groupBy(said, ({ memory_id }) => memory_id);
      const memories = await Promise.all(
        rows.map(async (row) => {
          const opened = await unlessDamaged(() =>
            toProfileMemory(reader, row, saidOf.get(row.id) ?? [], slotsOf.get(row.id) ?? []),
          );
          if ("value" in opened) return opened.value;
          onDamaged(row.id);
          return undefined;
        }),
      );
      return {
        memories: memories.filter((memory) => memory !== undefined),
        participants: found.participants,
        total: Number(rows[0]?.total ?? 0),
      };
    },
  };
}

/** @returns undefined where its key is gone: it was shredded. */
async function toProfileMemory(
  { content }: TenantReader,
  row: ProfileRow,
  said: readonly SaidRow[],
  slots: readonly string[],
): Promise<ProfileMemory | undefined> {
  const [text, detail] = await Promise.all([
    content.openText("memory_versions.text", row.text_ct),
    content.openJson<MemoryDetail>("memory_versions.detail", row.detail_ct),
  ]);
  if (text === undefined || detail === undefined) return undefined;
  const { id, kind, category, confidence, importance, origin, said_at, valid_from } = row;
  const sources = said.map(({ message_id, sent_at }) => ({
    messageId: message_id,
    sentAt: sent_at ?? said_at,
  }));
  return {
    id,
    text,
    kind,
    category,
    confidence,
    importance,
    origin,
    metadata: detail.metadata,
    validFrom: valid_from,
    sources,
    slots,
  };
}
