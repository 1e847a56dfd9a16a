import type { TestRecord } from "./record.ts";

/** As if all that happened to these memories had happened so many days earlier. */
export async function makeOlder(
  record: Pick<TestRecord, "admin">,
  memoryIds: readonly string[],
  days: number,
): Promise<void> {
  const columns = [
    ["memories", "id", ["created_at", "fades_at"]],
    ["memory_versions", "memory_id", ["said_at", "recorded_from", "recorded_to"]],
    ["memory_sources", "memory_id", ["recorded_at"]],
    ["memory_uses", "memory_id", ["last_used_at"]],
    ["memory_archivings", "memory_id", ["archived_at", "restored_at"]],
  ] as const;
  for (const [table, id, times] of columns) {
    const earlier = times.map((time) => `${time} = ${time} - make_interval(days => $2)`).join(", ");
    await record.admin.query(`update mneme.${table} set ${earlier} where ${id} = any ($1::uuid[])`, [
      memoryIds,
      days,
    ]);
  }
}
