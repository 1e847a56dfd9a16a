import type { TokenShare } from "../cost/share-tokens.ts";
import type { PendingMessage, StreamBatch } from "./ingest-store.ts";

/** Who bears what a model takes to read turns as they were said. */
export function turnShares(
  { projectId }: Pick<StreamBatch, "projectId">,
  messages: readonly PendingMessage[],
): TokenShare[] {
  return messages.map(({ apiKeyId, turn: { text } }) => ({ projectId, apiKeyId, text }));
}
