import type { Difference, StreamReport } from "@mneme/core/replay/report-on.ts";
import type pg from "pg";
import { v7 as uuidv7 } from "uuid";
import type { WritableReplay } from "./replay-streams.ts";

/** Replaces what was found of a stream before. What vanished meanwhile is no difference any more. */
export async function writeDifferences(
  client: pg.PoolClient,
  { tenantId, replayId, streamId, projectId, subject }: WritableReplay,
  { differences }: Pick<StreamReport, "differences">,
  state: "open" | "applied",
): Promise<void> {
  await client.query({
    name: "clear_replay_differences",
    text: "delete from replay_differences where tenant_id = $1 and replay_id = $2 and stream_id = $3",
    values: [tenantId, replayId, streamId],
  });
  if (differences.length === 0) return;
  const column = <T>(pick: (difference: Difference) => T | undefined) =>
    differences.map((difference) => pick(difference) ?? null);
  await client.query({
    name: "write_replay_differences",
    text: `insert into replay_differences (tenant_id, replay_id, stream_id, project_id, subject_id, epoch, id, change, kind,
             category, fields, memory_id, memory_version, shadow_id, state)
           select $1, $2, $3, $4, $5, $6, n.id, n.change, n.kind, n.category, string_to_array(n.fields, ','), n.memory_id,
             n.memory_version, n.shadow_id, n.state
           from unnest($7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::uuid[], $13::integer[],
             $14::uuid[], $15::text[])
             as n (id, change, kind, category, fields, memory_id, memory_version, shadow_id, state)
           where n.memory_id is null
             or exists (select from memories m where m.tenant_id = $1 and m.id = n.memory_id)`,
    values: [
      tenantId,
      replayId,
      streamId,
      projectId,
      subject?.id ?? null,
      subject?.epoch ?? 0,
      differences.map(() => uuidv7()),
      column(({ change }) => change),
      column(({ kind }) => kind),
      column(({ category }) => category),
      column(({ fields }) => fields.join()),
      column(({ live }) => live?.id),
      column(({ live }) => live?.version),
      column(({ shadow }) => shadow?.id),
      differences.map(({ isKept }) => (isKept ? "kept" : state)),
    ],
  });
}
