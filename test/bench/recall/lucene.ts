import { WINDOW_BM25, WINDOW_STOP_WORDS } from "@mneme/core/search/stop-words.ts";
import { stemmer } from "stemmer";

const STOP = new Set(WINDOW_STOP_WORDS);
/** Close to Lucene's StandardTokenizer for Latin text: letters and digits, joined by ' . or _ inside a word. */
const TOKEN = /[\p{L}\p{N}_]+(?:['’.](?=\p{L})[\p{L}\p{N}_]+|[.,](?=\p{N})\p{N}+)*/gu;

/** The window field's analysis: standard tokenizer, possessive, lower case, stop words, Porter. */
export function analyze(text: string): string[] {
  return (text.match(TOKEN) ?? [])
    .map((token) => token.replace(/['’][sS]$/, "").toLowerCase())
    .filter((token) => !STOP.has(token))
    .map((token) => stemmer(token));
}

/** Document lengths as Lucene's one-byte norms keep them: exact to 40, then 4 significant bits. */
function storedLength(length: number): number {
  if (length < 40) return length;
  const rest = length - 24;
  const shift = Math.max(0, 31 - Math.clz32(rest) - 3);
  return 24 + ((rest >> shift) << shift);
}

/** Term statistics of a set of documents: a conversation's own, or a shared index's. */
export class TermStatistics {
  documents = 0;
  #length = 0;
  readonly #frequency = new Map<string, number>();

  add(tokens: readonly string[]): void {
    this.documents += 1;
    this.#length += tokens.length;
    for (const token of new Set(tokens)) this.#frequency.set(token, (this.#frequency.get(token) ?? 0) + 1);
  }

  get averageLength(): number {
    return this.#length / Math.max(1, this.documents);
  }

  idf(token: string): number {
    const frequency = this.#frequency.get(token) ?? 0;
    return Math.log(1 + (this.documents - frequency + 0.5) / (frequency + 0.5));
  }
}

interface Posting {
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

/** BM25 as Lucene scores it. */
export class Bm25 {
  readonly #postings: Posting[];
  readonly #statistics: TermStatistics;

  constructor(documents: readonly (readonly string[])[], statistics: TermStatistics) {
    this.#statistics = statistics;
    this.#postings = documents.map((tokens) => {
      const counts = new Map<string, number>();
      for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
      return { counts, length: storedLength(tokens.length) };
    });
  }

  /** One score per document, in order; 0 where no word matches. */
  scores(query: readonly string[]): number[] {
    const { k1, b } = WINDOW_BM25;
    const average = this.#statistics.averageLength;
    const terms = new Map<string, number>();
    for (const token of query) terms.set(token, (terms.get(token) ?? 0) + this.#statistics.idf(token));
    return this.#postings.map(({ counts, length }) => {
      const norm = k1 * (1 - b + (b * length) / average);
      let score = 0;
      for (const [token, idf] of terms) {
        const frequency = counts.get(token);
        if (frequency) score += (idf * frequency) / (frequency + norm);
      }
      return score;
    });
  }
}
