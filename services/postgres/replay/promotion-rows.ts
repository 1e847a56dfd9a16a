import { isBeside } from "@mneme/core/replay/beside-deleted.ts";
import type { Difference, StreamReport } from "@mneme/core/replay/report-on.ts";
import type { ShadowMemory } from "@mneme/core/replay/shadow-memory.ts";
import type { NewMentions } from "../graph-writes.ts";
import type { NewSlots } from "../memory-slots.ts";
import {
  type NewMemory,
  type NewSession,
  type NewSource,
  type NewVersion,
  validFromOf,
} from "../memory-writes.ts";
import type { WritableReplay } from "./replay-streams.ts";

/** A memory's end as its row has it. */
export interface NewState {
  readonly memoryId: string;
  readonly isEnded: boolean;
  readonly replacedBy: string | undefined;
}

/** Rows that promoting a stream writes. */
export interface PromotionRows {
  readonly memories: readonly NewMemory[];
  readonly versions: readonly NewVersion[];
  readonly sources: readonly NewSource[];
  readonly sessions: readonly NewSession[];
  readonly slots: readonly NewSlots[];
  readonly mentions: readonly NewMentions[];
  readonly states: readonly NewState[];
  /** Known memories that get another version. */
  readonly changed: readonly string[];
  /** Known memories that were never so. */
  readonly removed: readonly { readonly memoryId: string; readonly validFrom: Date }[];
}

/** How a version that a replay wrote names it. */
export function ruleOf({ replayId }: Pick<WritableReplay, "replayId">): string {
  return `replay:${replayId}`;
}

/** What a report comes to, where nobody rated what it changes. A new memory has its shadow's id: repeating it makes no other. */
export function promotionRows(stream: WritableReplay, { differences, liveOf }: StreamReport): PromotionRows {
  const open = differences.filter(({ isKept }) => !isKept);
  const told = open.flatMap((difference) =>
    difference.shadow ? [toldBy(stream, difference, difference.shadow)] : [],
  );
  const idOf = (shadowId: string) => liveOf.get(shadowId) ?? shadowId;
  return {
    memories: told.flatMap(({ memory }) => memory ?? []),
    versions: told.map(({ version }) => version),
    sources: told.flatMap(({ sources }) => sources),
    sessions: told.flatMap(({ sessions }) => sessions),
    slots: told.map(({ slots }) => slots),
    mentions: told.map(({ mentions }) => mentions),
    states: told.map(({ memoryId, shadow: { ended } }) => {
      return { memoryId, isEnded: ended !== undefined, replacedBy: ended && idOf(ended.by) };
    }),
    changed: open.flatMap(({ change, live }) => (change === "changed" && live ? [live.id] : [])),
    removed: open.flatMap(({ change, live }) =>
      change === "removed" && live ? [{ memoryId: live.id, validFrom: live.validFrom }] : [],
    ),
  };
}

function toldBy(stream: WritableReplay, { live }: Difference, shadow: ShadowMemory) {
  const { projectId, streamId, bucket, keyId } = stream;
  const { content, embeddingModel, extractor, extractionId, ids, audience, apiKeyId } = shadow;
  const { expiresAt, isExpiryGiven, reviewAt } = content;
  const { entities, relations, sources, valid } = content.statement;
  const memoryId = live?.id ?? shadow.id;
  const knownIn = Map.groupBy(live?.sources ?? [], ({ messageId }) => messageId);
  const memory: NewMemory | undefined = live
    ? undefined
    : {
        id: memoryId,
        projectId,
        streamId,
        bucket,
        apiKeyId,
        ids,
        audience,
        expiresAt,
        isExpiryGiven,
        reviewAt,
      };
  const version: NewVersion = {
    memoryId,
    version: (live?.version ?? 0) + 1,
    streamId,
    bucket,
    keyId,
    content,
    outcome: live ? "update" : "add",
    rule: ruleOf(stream),
    extractor,
    embeddingModel,
    extractionId,
  };
  const mentions: NewMentions = {
    memoryId,
    projectId,
    keyId,
    entities,
    relations,
    validFrom: validFromOf(content),
    validTo: valid.to,
  };
  return {
    memoryId,
    shadow,
    memory,
    version,
    // The same sentence, cut a little otherwise, is no second source.
    sources: sources
      .filter((span) => !isBeside(span, knownIn))
      .map((span): NewSource => ({ memoryId, span })),
    sessions: shadow.sessionIds.map((sessionId): NewSession => ({ memoryId, sessionId })),
    slots: { memoryId, streamId, slots: content.slots },
    mentions,
  };
}
