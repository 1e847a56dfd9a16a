import { create } from "@bufbuild/protobuf";
import { invalidField } from "@mneme/core/errors.ts";
import type { Limits } from "@mneme/core/tenancy/limits.ts";
import { LimitsSchema, type Limits as WireLimits } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { present } from "./present.ts";

/** What a message sets. @throws MnemeError FIELD_INVALID for a number that is none any more where it is counted. */
export function toLimits(wire: WireLimits | undefined): Limits {
  if (!wire) return {};
  const { requestsPerSecond, burst, streams } = wire;
  return present({
    requestsPerSecond,
    burst,
    messagesPerDay: count("messages_per_day", wire.messagesPerDay),
    memories: count("memories", wire.memories),
    modelTokensPerMonth: count("model_tokens_per_month", wire.modelTokensPerMonth),
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

function count(name: string, value: bigint | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
  throw invalidField(`limits.${name}`, `must be at most ${Number.MAX_SAFE_INTEGER}`);
}
