import { type Language, languageOf } from "../language/languages.ts";
import { holdsTime } from "../language/read-text.ts";
import type { Memory } from "../memory/memory.ts";
import type { QueryAnalysis } from "./analyze-query.ts";
import { passesFilter } from "./memory-filter.ts";
import type { Candidate } from "./memory-index.ts";
import type { SearchFilter } from "./search-request.ts";
import type { ShownMemory } from "./search-store.ts";
import { wordsOf } from "./words.ts";

/** Words this long also match another ending: "sail" and "sailing". */
const STEM = 4;
/** With the letter before it; a number has none but its plural's: "1990s". Longer codes are others. */
const ENDING = /^(?:\p{L}[\p{L}\p{M}]+|\p{N}s)$/u;

/**
 * Memories as candidates where the index can't give them: keywords count words in common, and there is no
 * similarity. Only what the filter lets through.
 */
export function recentCandidates(
  memories: readonly ShownMemory[],
  query: QueryAnalysis,
  filter: SearchFilter,
  language = languageOf(),
): Candidate[] {
  const keywords = query.keywords.split(" ").filter((word) => word !== "");
  return memories
    .filter((memory) => passesFilter({ ...memory, saidAt: timesOf(memory) }, filter))
    .map((memory) => toCandidate(memory, keywords, query, language));
}

/** When it was said, for the first time and again, as far as its sources tell. */
export function timesOf({ sources, validFrom }: Memory): readonly Date[] {
  return sources.length > 0 ? sources.map(({ sentAt }) => sentAt) : [validFrom];
}

function toCandidate(
  memory: ShownMemory,
  keywords: readonly string[],
  query: QueryAnalysis,
  language: Language,
): Candidate {
  const [source] = memory.sources;
  const holds = holdsWord(memory.text, language);
  const names = new Set(memory.entities.map(({ name }) => name.toLowerCase()));
  return {
    memoryId: memory.id,
    version: memory.version,
    cosine: 0,
    bm25: keywords.filter(holds).length,
    entity: query.entities.filter((name) => names.has(name)).length,
    rare: query.rare.filter((word) => wordsOf(word).every(holds)),
    kind: memory.kind,
    origin: memory.origin,
    confidence: memory.confidence,
    importance: memory.importance,
    speaker: source?.name?.trim().toLowerCase() || undefined,
    role: source?.role,
    isQuestion: false,
    hasTime: holdsTime(memory.text, language),
    saidAt: source?.sentAt ?? memory.validFrom,
    valid: { from: memory.validFrom, to: memory.validTo },
    layer: memory.layer,
  };
}

/** Where no blanks part words, a word is a run of characters anywhere. */
function holdsWord(text: string, { isSpaced }: Language): (wanted: string) => boolean {
  if (!isSpaced) {
    const plain = text.normalize("NFKC").toLowerCase();
    return (wanted) => plain.includes(wanted);
  }
  const words = wordsOf(text);
  return (wanted) => words.some((word) => isSameWord(word, wanted));
}

function isSameWord(a: string, b: string): boolean {
  if (a === b) return true;
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= STEM && long.startsWith(short) && ENDING.test(long.slice(short.length - 1));
}
