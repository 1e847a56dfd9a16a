import type { ModelSpending } from "../cost/model-spending.ts";
import type { Embedder } from "../embedding/embedder.ts";
import type { ViewFor } from "../embedding/views.ts";
import type { MemoryIndex } from "../search/memory-index.ts";
import type { Settings } from "../tenancy/settings.ts";
import type { SettingsOf } from "../tenancy/settings-of.ts";
import type { Extractor } from "./extractor.ts";
import type { IngestStore } from "./ingest-store.ts";
import type { ModelAnswers } from "./model-answers.ts";
import type { Reconciler } from "./reconciler.ts";

type IngestIndex = Pick<MemoryIndex, "requireModel" | "write" | "remove" | "refresh" | "nearest">;

/** What turns messages into memories. */
export interface IngestDeps {
  readonly store: IngestStore;
  readonly index: IngestIndex;
  /** What holds for each project. */
  readonly settings: SettingsOf;
  /** Reads where `extractorFor` does not choose another. */
  readonly extractor: Extractor;
  /** What reads a project's conversations, by what it sets. */
  readonly extractorFor?: (settings: Settings) => Extractor;
  /** People that models may read beside each other, whichever reads; `extractor`'s if undefined. */
  readonly concurrency?: number | undefined;
  /** Decides what a project's statements mean for what is known; undefined where rules do. */
  readonly reconcilerFor?: (settings: Settings) => Reconciler | undefined;
  readonly embedder: Embedder;
  /** By whatever a project names instead; `embedder` and `index` for all where undefined. */
  readonly viewFor?: ViewFor<IngestIndex>;
  /** What models' calls are held to, and counted by. */
  readonly spending?: ModelSpending;
  /** What models answered before; they are asked anew where undefined. */
  readonly answers?: ModelAnswers | undefined;
}

/** What reading and deciding takes of it. */
export type DecidingDeps = Pick<IngestDeps, "embedder" | "spending" | "answers"> & {
  readonly store: Pick<IngestStore, "findExact" | "findBySlots" | "findLast" | "statements"> &
    // Absent where nothing is told by summaries, as among what is only read again.
    Partial<Pick<IngestStore, "episodesOf">>;
  readonly index: Pick<IngestIndex, "nearest">;
};
