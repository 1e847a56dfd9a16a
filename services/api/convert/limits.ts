import { create } from "@bufbuild/protobuf";
import type { Limits } from "@mneme/core/tenancy/limits.ts";
import { LimitsSchema, type Limits as WireLimits } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { present } from "./present.ts";

/** What a message sets. Its rules let no number pass that is none any more where it is counted. */
export function toLimits(wire: WireLimits | undefined): Limits {
  if (!wire) return {};
  const { requestsPerSecond, burst, streams } = wire;
  return present({
    requestsPerSecond,
    burst,
    messagesPerDay: count(wire.messagesPerDay),
    memories: count(wire.memories),
    modelTokensPerMonth: count(wire.modelTokensPerMonth),
    streams,
  });
}

export function fromLimits({ messagesPerDay, memories, modelTokensPerMonth, ...rest }: Limits): WireLimits {
  return create(LimitsSchema, {
    ...rest,
    messagesPerDay: messagesPerDay === undefined ? undefined : BigInt(messagesPerDay),
    memories: memories === undefined ? undefined : BigInt(memories),
    modelTokensPerMonth: modelTokensPerMonth === undefined ? undefined : BigInt(modelTokensPerMonth),
  });
}

function count(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
