import type { Embedder } from "../embedding/embedder.ts";
import type { MemoryIndex } from "../search/memory-index.ts";
import type { Extractor } from "./extractor.ts";
import type { IngestStore } from "./ingest-store.ts";

/** What turns messages into memories. */
export interface IngestDeps {
  readonly store: IngestStore;
  readonly index: Pick<MemoryIndex, "requireModel" | "write" | "remove" | "refresh" | "nearest">;
  readonly extractor: Extractor;
  readonly embedder: Embedder;
  /** Told what models' servers say they read and wrote for a project. */
  readonly onModelTokens?: (tenantId: string, projectId: string, tokens: number) => void;
}
