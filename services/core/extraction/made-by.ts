import type { ExtractorVersion } from "./extractor.ts";
import type { PendingMessage, StreamResult } from "./ingest-store.ts";

/** What makes a finished statement a memory: nobody reads it. */
const IMPORT: ExtractorVersion = { name: "import", version: "1" };

/** What made the memories of a message; a batch may hold turns that were read and finished statements. */
export function madeBy(
  { extractor }: Pick<StreamResult, "extractor">,
  { draft }: Pick<PendingMessage, "draft">,
): ExtractorVersion {
  return draft ? IMPORT : extractor;
}
