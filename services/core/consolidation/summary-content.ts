import type { ExtractorVersion } from "../extraction/extractor.ts";
import type { MemoryContent } from "../extraction/ingest-store.ts";
import { languageOf } from "../language/languages.ts";
import { textFeatures } from "../search/turn-features.ts";
import type { Episode } from "./episode.ts";

/** What writes summaries in their episodes' own words; the version changes with the rules. */
export const BY_RULES: ExtractorVersion = { name: "consolidate", version: "1" };

/** A cluster's summary, worded. */
export interface Worded {
  readonly text: string;
  readonly extractor: ExtractorVersion;
  readonly rule: string;
}

/** Turns around all episodes together, in characters: more of them tell nothing apart. */
const WINDOW_CHARACTERS = 8_000;

/**
 * The memory that tells a cluster: since the last episode began, for before that it would tell what was still to come, until
 * the last ended; said when the last one was, as sure as the least sure and as important as the most important of them, and
 * gone with the first that expires.
 *
 * @param episodes oldest first, at least one, as of `clusterEpisodes`.
 * @param vector of the text.
 */
export function contentOf(
  episodes: readonly Episode[],
  text: string,
  vector: Float32Array,
  language: string | undefined,
): MemoryContent {
  const [first] = episodes;
  if (!first) throw new Error("a summary of nothing");
  const ends = episodes.flatMap(({ validTo }) => validTo ?? []);
  const expiries = episodes.flatMap(({ expiresAt }) => expiresAt ?? []);
  return {
    statement: {
      text,
      kind: "semantic",
      category: first.category,
      confidence: Math.min(...episodes.map(({ confidence }) => confidence)),
      importance: Math.max(...episodes.map(({ importance }) => importance)),
      origin: first.origin,
      entities: entitiesOf(episodes),
      relations: [],
      sources: [],
      valid: {
        from: latest(episodes.map(({ validFrom }) => validFrom)),
        to: ends.length === episodes.length ? latest(ends) : undefined,
      },
      embeddingText: text,
    },
    vector,
    metadata: first.metadata,
    expiresAt: earliest(expiries),
    features: {
      window: windowOf(episodes),
      speaker: first.speaker,
      role: first.role,
      isQuestion: false,
      hasTime: textFeatures(text, languageOf(language)).hasTime,
      saidAt: latest(episodes.map(({ saidAt }) => saidAt)) ?? first.saidAt,
    },
    slots: [],
  };
}

function entitiesOf(episodes: readonly Episode[]): Episode["entities"] {
  const all = episodes.flatMap(({ entities }) => entities);
  return [...new Map(all.map((entity) => [`${entity.type}/${entity.name.toLowerCase()}`, entity])).values()];
}

/** Of an episode whose turns are not kept, its own words. */
function windowOf(episodes: readonly Episode[]): string {
  const windows = new Set(episodes.map(({ window, text }) => (window === "" ? text : window)));
  return [...windows].join("\n").slice(0, WINDOW_CHARACTERS).toWellFormed();
}

function earliest(dates: readonly Date[]): Date | undefined {
  return dates.reduce<Date | undefined>((a, b) => (a && a <= b ? a : b), undefined);
}

function latest(dates: readonly Date[]): Date | undefined {
  return dates.reduce<Date | undefined>((a, b) => (a && a >= b ? a : b), undefined);
}
