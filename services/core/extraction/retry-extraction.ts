import { v7 as uuidv7 } from "uuid";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Extraction } from "./extraction.ts";
import type { ExtractionStore } from "./extraction-store.ts";

/**
 * Queues a failed extraction again.
 *
 * @param command an empty `requestId` is made up.
 * @throws MnemeError EXTRACTION_NOT_FAILED, EXTRACTION_NOT_FOUND, SUBJECT_FENCED, REQUEST_ID_REUSED.
 */
export function retryExtraction(
  { extractions }: { readonly extractions: Pick<ExtractionStore, "retry"> },
  tenancy: Tenancy,
  command: { readonly extractionId: string; readonly requestId: string; readonly body: Uint8Array },
  signal?: AbortSignal,
): Promise<Extraction> {
  const { extractionId, body } = command;
  const request = { rpc: "RetryExtraction", requestId: command.requestId || uuidv7(), body };
  return extractions.retry(tenancy, extractionId, request, signal);
}
