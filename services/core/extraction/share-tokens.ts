import type { ModelUser } from "../limits/model-use.ts";
import type { IngestDeps } from "./ingest-deps.ts";
import type { PendingMessage, StreamBatch } from "./ingest-store.ts";

/** A text that a model read, and who is to bear it. */
export interface TokenShare extends ModelUser {
  readonly text: string;
}

/** Those whose messages models read together share what that took by what each had read, to the last token. */
export function shareTokens(
  { onModelTokens }: Pick<IngestDeps, "onModelTokens">,
  tenantId: string,
  shares: readonly TokenShare[],
  tokens: number,
): void {
  if (!onModelTokens) return;
  // One more, for an empty text is read too.
  const sizeOf = ({ text }: TokenShare) => text.length + 1;
  const whole = shares.reduce((sum, share) => sum + sizeOf(share), 0);
  const users = Map.groupBy(shares, ({ projectId, apiKeyId }) => `${projectId}/${apiKeyId}`);
  let size = 0;
  let told = 0;
  for (const ofUser of users.values()) {
    const { projectId, apiKeyId } = ofUser[0] as TokenShare;
    size += ofUser.reduce((sum, share) => sum + sizeOf(share), 0);
    const upToHere = Math.round((tokens * size) / whole);
    onModelTokens(tenantId, { projectId, apiKeyId }, upToHere - told);
    told = upToHere;
  }
}

/** Of turns that are read as they were said. */
export function turnShares({ projectId }: StreamBatch, messages: readonly PendingMessage[]): TokenShare[] {
  return messages.map(({ apiKeyId, turn: { text } }) => ({ projectId, apiKeyId, text }));
}
