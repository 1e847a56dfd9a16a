import type { ExtractorVersion } from "../extraction/extractor.ts";
import type { MemoryContent } from "../extraction/ingest-store.ts";
import type { ScopeIds } from "../tenancy/scope.ts";

/** A memory as a replay makes it: seen by nobody but the replay's report. */
export interface ShadowMemory {
  /** UUIDv7; the memory's own where it is promoted as a new one. */
  readonly id: string;
  readonly audience: string;
  readonly ids: ScopeIds;
  /** As of `PendingMessage`. */
  readonly apiKeyId: string | undefined;
  readonly extractionId: string;
  /** All its sources are the statement's. */
  readonly content: MemoryContent;
  readonly embeddingModel: string;
  readonly sessionIds: readonly string[];
  readonly extractor: ExtractorVersion;
  /** Of a finished statement, which nobody reads: it is there for others to be compared with. */
  readonly isGiven: boolean;
  readonly rule: string;
  /** Set once it is no longer so. */
  readonly ended: ShadowEnd | undefined;
}

export interface ShadowEnd {
  readonly at: Date;
  /** The shadow memory that replaced it. */
  readonly by: string;
  readonly rule: string;
}
