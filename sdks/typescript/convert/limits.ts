import type { MessageInitShape } from "@bufbuild/protobuf";
import type { LimitsSchema, Limits as WireLimits } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import { invalidField } from "../errors/errors.ts";
import type { Limits, LimitsPatch } from "../types/settings.ts";
import { defined } from "./memory.ts";

type LimitsInit = MessageInitShape<typeof LimitsSchema>;

/** Limits as they are sent; those of null are not. @throws InvalidArgumentError for what is no whole number. */
export function limitsToWire(limits: LimitsPatch | null | undefined): LimitsInit {
  const { requestsPerSecond, burst, messagesPerDay, memories, modelTokensPerMonth, streams } = limits ?? {};
  return defined({
    requestsPerSecond: requestsPerSecond ?? undefined,
    burst: burst ?? undefined,
    messagesPerDay: whole("messages_per_day", messagesPerDay),
    memories: whole("memories", memories),
    modelTokensPerMonth: whole("model_tokens_per_month", modelTokensPerMonth),
    streams: streams ?? undefined,
  });
}

function whole(name: string, value: number | null | undefined): bigint | undefined {
  if (value === null || value === undefined) return undefined;
  if (Number.isSafeInteger(value)) return BigInt(value);
  throw invalidField(`limits.${name}`, "must be a whole number");
}

export function limitsFromWire(wire: WireLimits | undefined): Limits {
  if (wire === undefined) return {};
  const { requestsPerSecond, burst, messagesPerDay, memories, modelTokensPerMonth, streams } = wire;
  return defined({
    requestsPerSecond,
    burst,
    messagesPerDay: numberOf(messagesPerDay),
    memories: numberOf(memories),
    modelTokensPerMonth: numberOf(modelTokensPerMonth),
    streams,
  });
}

function numberOf(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
