import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { toMicrodollars } from "@mneme/core/cost/prices.ts";
import { invalidField } from "@mneme/core/errors.ts";
import { type FailureReason, failureParts } from "@mneme/core/extraction/failure-reason.ts";
import type { Change, LeftOut, Replay, ReplayState, ReplayTotals } from "@mneme/core/replay/replay.ts";
import type { ReplayAsked, ReplayDifference, ReplayedMemory } from "@mneme/core/replay/replay-store.ts";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import {
  DifferenceState,
  LeftOutReason,
  ReplayChange,
  ReplayDifferenceSchema,
  ReplaySchema,
  type ReplayDifference as WireDifference,
  type Replay as WireReplay,
  type ReplaySettings as WireSettings,
  ReplayState as WireState,
} from "@mneme/proto/mneme/replay/v1/replay_pb.js";
import type { StartReplayRequest } from "@mneme/proto/mneme/replay/v1/replay_service_pb.js";
import { SettingsSchema } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { keyOf } from "./enum-table.ts";
import { fromKind, fromOrigin } from "./memory.ts";
import { present } from "./present.ts";
import { fromScope, toScope } from "./scope.ts";
import { fromSettings, toSettings } from "./settings.ts";
import { fromDate } from "./time.ts";

const STATES: Readonly<Record<ReplayState, WireState>> = {
  queued: WireState.QUEUED,
  running: WireState.RUNNING,
  waiting: WireState.WAITING,
  ready: WireState.READY,
  promoting: WireState.PROMOTING,
  promoted: WireState.PROMOTED,
  cancelled: WireState.CANCELLED,
  discarded: WireState.DISCARDED,
  failed: WireState.FAILED,
};

const CHANGES: Readonly<Record<Change, ReplayChange>> = {
  same: ReplayChange.SAME,
  added: ReplayChange.ADDED,
  removed: ReplayChange.REMOVED,
  changed: ReplayChange.CHANGED,
};

const LEFT_OUT: Readonly<Record<LeftOut, LeftOutReason>> = {
  given: LeftOutReason.GIVEN,
  changed_by_hand: LeftOutReason.CHANGED_BY_HAND,
  derived: LeftOutReason.DERIVED,
  not_read: LeftOutReason.NOT_READ,
  beside_deleted: LeftOutReason.BESIDE_DELETED,
  archived: LeftOutReason.ARCHIVED,
};

const DIFFERENCE_STATES: Readonly<Record<ReplayDifference["state"], DifferenceState>> = {
  open: DifferenceState.OPEN,
  applied: DifferenceState.APPLIED,
  kept: DifferenceState.KEPT,
};

/** @throws MnemeError FIELD_INVALID for a session, an embedder, and what `toSettings` refuses. */
export function toReplayAsked({ scope, settings, sample }: StartReplayRequest): ReplayAsked {
  if (scope?.sessionId) {
    throw invalidField("scope.session_id", "whole conversations are read again; leave it out");
  }
  const { extraction, models } = toSettings(wireSettingsOf(settings));
  if (models?.embedder !== undefined) {
    throw invalidField("settings.models.embedder", "vectors of two models are never compared; leave it out");
  }
  return {
    scope: scope && toScope(scope),
    settings: present({ extraction, models }),
    sample: {
      ...present({ percent: sample?.percent, mostStreams: sample?.maxStreams }),
      seed: sample?.seed ?? 0,
    },
  };
}

function wireSettingsOf(settings: WireSettings | undefined) {
  return create(SettingsSchema, present({ extraction: settings?.extraction, models: settings?.models }));
}

/** `same` is in no list of differences. */
export function toReplayChange(change: ReplayChange): ReplayDifference["change"] | undefined {
  const found = keyOf(CHANGES, change);
  if (found !== "same") return found;
  throw invalidField("change", "what is the same is only counted; ask for ADDED, REMOVED or CHANGED");
}

export function fromReplay(replay: Replay): WireReplay {
  const { extraction, models } = fromSettings(replay.settings);
  return create(ReplaySchema, {
    id: replay.id,
    state: STATES[replay.state],
    ...(replay.scope && { scope: fromScope(replay.scope) }),
    settings: present({ extraction, models }),
    sample: present({
      percent: replay.sample.percent,
      maxStreams: replay.sample.mostStreams,
      seed: replay.sample.seed,
    }),
    extractor: replay.extractor,
    reconciler: replay.reconciler,
    totals: totalsOf(replay.totals),
    waitingUntilTime: fromDate(replay.waitingUntil),
    ...(replay.failure && { failureReason: reasonOf(replay.failure) }),
    createTime: fromDate(replay.createdAt),
    readyTime: fromDate(replay.readyAt),
    endTime: fromDate(replay.endedAt),
    expireTime: fromDate(replay.expiresAt),
  });
}

/** The worker may be newer, and know more reasons. */
function reasonOf(failure: FailureReason): ErrorReason {
  return ErrorReason[failureParts(failure).reason] ?? ErrorReason.INTERNAL;
}

function totalsOf({ spent, ...totals }: ReplayTotals) {
  return {
    streamCount: totals.streams,
    doneStreamCount: totals.streamsDone,
    failedStreamCount: totals.streamsFailed,
    promotedStreamCount: totals.streamsPromoted,
    failures: totals.failures.map(({ reason, count }) => ({ reason: reasonOf(reason), count })),
    messageCount: totals.messages,
    changes: totals.changes.map(({ change, kind, category, count }) => {
      return { change: CHANGES[change], kind: fromKind(kind), category, count };
    }),
    leftOut: totals.leftOut.map(({ reason, count }) => ({ reason: LEFT_OUT[reason], count })),
    keptCount: totals.kept,
    spent: {
      callCount: spent.calls,
      knownAnswerCount: spent.knownAnswers,
      inputTokens: BigInt(spent.inputTokens),
      cachedInputTokens: BigInt(spent.cachedInputTokens),
      outputTokens: BigInt(spent.outputTokens),
      microdollars: toMicrodollars(spent.picodollars),
      unpricedTokens: BigInt(spent.unpricedTokens),
      workDuration: durationFromMs(spent.milliseconds),
    },
  };
}

export function fromDifference(difference: ReplayDifference): WireDifference {
  const { id, change, state, fields, memoryId, scope, before, after } = difference;
  return create(ReplayDifferenceSchema, {
    id,
    change: CHANGES[change],
    state: DIFFERENCE_STATES[state],
    changedFields: [...fields],
    memoryId: memoryId ?? "",
    scope: fromScope(scope),
    ...(before && { before: replayedOf(before) }),
    ...(after && { after: replayedOf(after) }),
  });
}

function replayedOf({ validFrom, validTo, kind, origin, ...memory }: ReplayedMemory) {
  return {
    ...memory,
    kind: fromKind(kind),
    origin: fromOrigin(origin),
    validFromTime: fromDate(validFrom),
    validToTime: fromDate(validTo),
  };
}
