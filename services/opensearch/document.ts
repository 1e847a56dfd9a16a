import { languageOf } from "@mneme/core/language/languages.ts";
import { searchable } from "@mneme/core/language/searchable.ts";
import type { IndexedMemory } from "@mneme/core/search/memory-index.ts";
import { fieldOf } from "./analysis.ts";
import { encodeCard } from "./card.ts";
import { metadataTerms } from "./metadata.ts";
import { encodeVec8, vectorJson } from "./vector-codec.ts";

/** Open ends are stored as this day, so that "not yet over" is one range instead of "missing or later". */
export const OPEN_END = Date.UTC(9999, 11, 31);

/**
 * Document id: one document a version of a memory. The tenant stands in it so that a write or delete that
 * names another tenant's memory can't touch it, though both may live on one shard.
 */
export function documentId(tenantId: string, memoryId: string, version: number): string {
  return `${tenantId}:${memoryId}:${version}`;
}

/** @param vectorField where its vector lies. @returns the document as one line of JSON, without a newline. */
export function documentJson(memory: IndexedMemory, vectorField = "vector"): string {
  const { analysis } = languageOf(memory.language);
  const fields = JSON.stringify({
    tenant_id: memory.tenantId,
    project_id: memory.projectId,
    memory_id: memory.memoryId,
    version: memory.version,
    subject_id: memory.subjectId,
    subject_epoch: memory.subjectEpoch,
    agent_id: memory.agentId,
    app_id: memory.appId,
    team_id: memory.teamId,
    audience: memory.audience,
    session_id: memory.sessionIds,
    kind: memory.kind,
    category: memory.category,
    metadata: metadataTerms(memory.metadata),
    entities: memory.entities,
    [fieldOf("text", analysis)]: searchable(memory.text, analysis),
    [fieldOf("window", analysis)]: searchable(memory.window, analysis),
    // A range finds a document by any of them.
    said_at: [memory.saidAt, ...memory.saidAgainAt].map((date) => date.getTime()),
    valid_from: memory.validFrom.getTime(),
    valid_to: endTime(memory.validTo),
    recorded_from: memory.recordedFrom.getTime(),
    recorded_to: endTime(memory.recordedTo),
    expires_at: endTime(memory.expiresAt),
    card: encodeCard(memory).toString("base64"),
    vec8: encodeVec8(memory.vector).toString("base64"),
  });
  return `${fields.slice(0, -1)},"${vectorField}":${vectorJson(memory.vector)}}`;
}

function endTime(end: Date | undefined): number {
  return Math.min(end?.getTime() ?? OPEN_END, OPEN_END);
}
