import type { Limits, LimitsPatch } from "@mneme/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { parseNumber } from "../../options.ts";

type Limit = number | "none";

/** The options that limit a tenant, a project or a key. */
export interface LimitOptions {
  readonly requestsPerSecond?: Limit;
  readonly burst?: Limit;
  readonly messagesPerDay?: Limit;
  readonly memories?: Limit;
  readonly modelTokensPerMonth?: Limit;
  readonly streams?: Limit;
}

/** Adds --requests-per-second and its like. */
export function withLimits(command: Command): Command {
  return command
    .option("--requests-per-second <n>", "calls a second, averaged", parseLimit)
    .option("--burst <n>", "calls at once after a pause", parseLimit)
    .option("--messages-per-day <n>", "messages taken a day, UTC", parseLimit)
    .option("--memories <n>", "memories held at a time", parseLimit)
    .option("--model-tokens-per-month <n>", "tokens that models read and write a month, UTC", parseLimit)
    .option("--streams <n>", "streams open at a time", parseLimit);
}

/** The limits that were given, with null for "none"; undefined where none was. */
export function limitsPatchOf(options: LimitOptions): LimitsPatch | undefined {
  const { requestsPerSecond, burst, messagesPerDay, memories, modelTokensPerMonth, streams } = options;
  const limits = { requestsPerSecond, burst, messagesPerDay, memories, modelTokensPerMonth, streams };
  const given = Object.entries(limits).filter(([, limit]) => limit !== undefined);
  if (given.length === 0) return undefined;
  return Object.fromEntries(given.map(([name, limit]) => [name, limit === "none" ? null : limit]));
}

/** The limits of something new: "none" is as good as none given. */
export function limitsOf(options: LimitOptions): Limits {
  const given = Object.entries(limitsPatchOf(options) ?? {}).filter(([, limit]) => limit !== null);
  return Object.fromEntries(given);
}

/** Commander takes a null for a missing value. */
function parseLimit(text: string): Limit {
  if (text === "none") return text;
  const number = parseNumber(text);
  if (number >= 0) return number;
  throw new InvalidArgumentError("Expected a number of at least 0, or none for the deployment's default.");
}
