import { createHash } from "node:crypto";
import type { BatchReading, BatchRequest } from "./bulk-store.ts";

/** What an answer is about: which batch of which reader it is, and which messages it read. */
export interface Asked extends Pick<BatchReading, "model" | "extractorVersion"> {
  readonly batchId: string;
}

/**
 * A request's custom id: an answer that carries it is about exactly these messages, as this reader is asked about them.
 * A batch that was prepared anew after a crash may number other messages so. It names nobody: ids alone are in it, as a
 * digest.
 */
export function customId(
  { batchId, model, extractorVersion }: Asked,
  { number, messageIds }: Pick<BatchRequest, "number" | "messageIds">,
): string {
  const asked = JSON.stringify([batchId, model, extractorVersion, ...messageIds]);
  return `r${number}-${createHash("sha256").update(asked).digest("base64url").slice(0, 22)}`;
}
