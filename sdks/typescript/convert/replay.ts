import { durationMs } from "@bufbuild/protobuf/wkt";
import { ErrorReason } from "@mneme/proto/mneme/errors/v1/error_reason_pb.js";
import {
  DifferenceStateSchema,
  LeftOutReasonSchema,
  ReplayChangeSchema,
  ReplayStateSchema,
  type ReplayDifference as WireDifference,
  type Replay as WireReplay,
  type ReplayedMemory as WireReplayed,
  type ReplaySpent as WireSpent,
  type ReplayTotals as WireTotals,
} from "@mneme/proto/mneme/replay/v1/replay_pb.js";
import type {
  Replay,
  ReplayChange,
  ReplayDifference,
  ReplayedMemory,
  ReplaySpent,
  ReplayState,
  ReplayTotals,
} from "../types/replay.ts";
import { enumCodec } from "./enum.ts";
import { defined, kinds, origins } from "./memory.ts";
import { scopeFromWire } from "./scope.ts";
import { settingsFromWire } from "./settings.ts";
import { toDate } from "./time.ts";

const states = enumCodec<ReplayState, number>(ReplayStateSchema);
export const replayChanges = enumCodec<ReplayChange, number>(ReplayChangeSchema);
const leftOut = enumCodec<string, number>(LeftOutReasonSchema);
const differenceStates = enumCodec<NonNullable<ReplayDifference["state"]>, number>(DifferenceStateSchema);

export function replayFromWire(wire: WireReplay): Replay {
  const { extraction, models } = wire.settings ?? {};
  const settings = settingsFromWire({
    extraction,
    models,
  } as Parameters<typeof settingsFromWire>[0]);
  return {
    id: wire.id,
    state: states.fromWire(wire.state),
    scope: wire.scope && scopeFromWire(wire.scope),
    settings: defined({ extraction: settings.extraction, models: settings.models }),
    sample: defined({
      percent: wire.sample?.percent,
      maxStreams: wire.sample?.maxStreams,
      seed: wire.sample?.seed,
    }),
    extractor: wire.extractor,
    reconciler: wire.reconciler,
    totals: totalsFromWire(wire.totals),
    waitingUntilTime: toDate(wire.waitingUntilTime),
    failureReason: wire.failureReason ? (ErrorReason[wire.failureReason] ?? "") : undefined,
    createTime: toDate(wire.createTime),
    readyTime: toDate(wire.readyTime),
    endTime: toDate(wire.endTime),
    expireTime: toDate(wire.expireTime),
  };
}

function totalsFromWire(wire: WireTotals | undefined): ReplayTotals {
  return {
    streams: wire?.streamCount ?? 0,
    doneStreams: wire?.doneStreamCount ?? 0,
    failedStreams: wire?.failedStreamCount ?? 0,
    promotedStreams: wire?.promotedStreamCount ?? 0,
    failures: (wire?.failures ?? []).map(({ reason, count }) => ({
      reason: ErrorReason[reason] ?? "",
      count,
    })),
    messages: wire?.messageCount ?? 0,
    changes: (wire?.changes ?? []).map(({ change, kind, category, count }) => {
      return { change: replayChanges.fromWire(change), kind: kinds.fromWire(kind), category, count };
    }),
    leftOut: (wire?.leftOut ?? []).map(({ reason, count }) => ({ reason: leftOut.fromWire(reason), count })),
    kept: wire?.keptCount ?? 0,
    spent: spentFromWire(wire?.spent),
  };
}

function spentFromWire(wire: WireSpent | undefined): ReplaySpent {
  return {
    calls: wire?.callCount ?? 0,
    knownAnswers: wire?.knownAnswerCount ?? 0,
    inputTokens: Number(wire?.inputTokens ?? 0),
    cachedInputTokens: Number(wire?.cachedInputTokens ?? 0),
    outputTokens: Number(wire?.outputTokens ?? 0),
    microdollars: Number(wire?.microdollars ?? 0),
    unpricedTokens: Number(wire?.unpricedTokens ?? 0),
    workMs: wire?.workDuration ? durationMs(wire.workDuration) : 0,
  };
}

export function differenceFromWire(wire: WireDifference): ReplayDifference {
  return {
    id: wire.id,
    change: replayChanges.fromWire(wire.change),
    state: differenceStates.fromWire(wire.state),
    changedFields: [...wire.changedFields],
    memoryId: wire.memoryId || undefined,
    scope: scopeFromWire(wire.scope),
    before: wire.before && replayedFromWire(wire.before),
    after: wire.after && replayedFromWire(wire.after),
  };
}

function replayedFromWire(wire: WireReplayed): ReplayedMemory {
  return {
    text: wire.text,
    kind: kinds.fromWire(wire.kind),
    category: wire.category,
    confidence: wire.confidence,
    importance: wire.importance,
    origin: origins.fromWire(wire.origin),
    validFromTime: toDate(wire.validFromTime),
    validToTime: toDate(wire.validToTime),
  };
}
