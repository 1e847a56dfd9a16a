import { askReconciler } from "./ask-reconciler.ts";
import { withoutRequests } from "./forgetting/requests.ts";
import type { DecidingDeps } from "./ingest-deps.ts";
import type { Decision, StreamResult } from "./ingest-store.ts";
import type { Proposal } from "./proposal.ts";
import { proposeStatements } from "./propose.ts";
import type { StreamReading } from "./read-stream.ts";
import { reconcile } from "./reconcile.ts";

/**
 * Embeds what was read and decides what it means for what is known, by each project's model where it has one and else by
 * rules. Nothing is written.
 *
 * @returns one result a reading, in order.
 * @throws MnemeError as `IngestStore`, embedder and reconciler do.
 */
export async function decideStreams(
  deps: DecidingDeps,
  tenantId: string,
  readings: readonly StreamReading[],
  signal: AbortSignal | undefined,
): Promise<StreamResult[]> {
  const proposals = await proposeStatements(deps, tenantId, readings, signal);
  const decided = await Promise.all(
    readings.map(async (reading, i) =>
      withoutRequests(
        await decisionsOf(deps, tenantId, reading, proposals[i] ?? [], signal),
        reading.requests,
      ),
    ),
  );
  return readings.map(
    (reading, i): StreamResult => ({
      batch: reading.batch,
      decisions: [
        ...(decided[i] ?? []),
        ...reading.leftOut.map(dropByCategory),
        ...reading.sensitive.map(dropSensitive),
      ],
      droppedMessageIds: reading.droppedMessageIds,
      blanked: reading.blanked,
      participants: reading.participants,
      summary: reading.summary,
      windows: reading.windows,
      room: reading.room,
      extractor: reading.extractor,
      embeddingModel: deps.embedder.model,
      seen: versionsOf(proposals[i] ?? []),
    }),
  );
}

function versionsOf(proposals: readonly Proposal[]): ReadonlyMap<string, number> {
  const known = proposals.flatMap((one) => [
    ...one.known,
    ...(one.exact?.type === "memory" ? [one.exact] : []),
  ]);
  return new Map(known.map(({ memoryId, version }) => [memoryId, version]));
}

/** By the project's model where it has one, else by rules. */
async function decisionsOf(
  deps: DecidingDeps,
  tenantId: string,
  { batch, reconciler }: StreamReading,
  proposals: readonly Proposal[],
  signal: AbortSignal | undefined,
): Promise<readonly Decision[]> {
  if (!reconciler) return reconcile(proposals);
  return reconcile(proposals, await askReconciler(deps, tenantId, reconciler, batch, proposals, signal));
}

function dropByCategory({ messageId, rule }: StreamReading["leftOut"][number]): Decision {
  return { outcome: "drop", messageId, category: rule };
}

function dropSensitive({ messageId, kind }: StreamReading["sensitive"][number]): Decision {
  return { outcome: "drop", messageId, sensitive: kind };
}
