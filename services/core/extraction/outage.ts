import { MnemeError } from "../errors.ts";

/** What is waited for while it is away: its absence says nothing about the message that was being worked. */
const AWAITED = new Set(["postgres", "opensearch", "model"]);

/** True while an engine or a model's server is away; such a try does not count. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof MnemeError &&
    error.reason === "DEPENDENCY_UNAVAILABLE" &&
    error.kind !== "cancelled" &&
    AWAITED.has(error.metadata.dependency ?? "")
  );
}
