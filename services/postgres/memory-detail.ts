import type { EntityMention, Metadata } from "@mneme/core/memory/memory.ts";

/** What `memory_versions.detail_ct` seals, as JSON. */
export interface MemoryDetail {
  readonly metadata: Metadata;
  readonly entities: readonly EntityMention[];
  /** Lower-cased name of who said it; null where only the role is known. */
  readonly speaker: string | null;
}
