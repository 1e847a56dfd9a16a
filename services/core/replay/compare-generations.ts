import type { MemoryKind, MemoryOrigin } from "../memory/memory.ts";
import { normalizeStatement } from "../memory/normalize.ts";
import { wordingOf } from "../memory/wording.ts";
import { dot } from "../search/vector.ts";

/** A memory of either generation, as far as it is compared. */
export interface ComparedMemory {
  readonly id: string;
  readonly audience: string;
  readonly text: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly validFrom: Date;
  readonly validTo: Date | undefined;
  /** Unit vector, and what made it: those of two models can't be compared. */
  readonly vector: Float32Array;
  readonly embeddingModel: string;
  /** Messages that say it. */
  readonly messageIds: readonly string[];
}

/** What a pair may differ in. */
export type ChangedField =
  | "text"
  | "kind"
  | "category"
  | "confidence"
  | "importance"
  | "origin"
  | "valid_from"
  | "valid_to";

export interface Pair<L extends ComparedMemory, S extends ComparedMemory> {
  readonly live: L;
  readonly shadow: S;
  /** Empty where both are the same. */
  readonly fields: readonly ChangedField[];
}

export interface Comparison<L extends ComparedMemory, S extends ComparedMemory> {
  readonly pairs: readonly Pair<L, S>[];
  /** Only the shadow has them. */
  readonly added: readonly S[];
  /** Only the live generation has them. */
  readonly removed: readonly L[];
}

/** Of what one message says, statements this close by cosine are the same one in other words. */
const SAME_SOURCE_COSINE = 0.6;
/** Whoever says it. */
const SAME_MEANING_COSINE = 0.9;
/** Products of numbers that comparing all with all may take, some tenths of a second: whose stream it is waits meanwhile. */
const MOST_PRODUCTS = 200_000_000;
/** A word that more memories have than this tells nothing of which are the same. */
const COMMON = 32;

/**
 * Pairs two generations of one stream's memories: first by the same words, then by meaning among what the same messages
 * say, then by meaning alone; each memory once, the closest first. Whichever generation is called live, pairs are the same.
 *
 * @param mostProducts of numbers, that comparing the meaning of all with all may take; of larger generations only those
 *   are compared by meaning alone that have a rare word in common.
 */
export function compareGenerations<L extends ComparedMemory, S extends ComparedMemory>(
  live: readonly L[],
  shadow: readonly S[],
  mostProducts = MOST_PRODUCTS,
): Comparison<L, S> {
  const byMeaning = withinBounds(mostProducts);
  const rest = { live: new Set(live), shadow: new Set(shadow) };
  const pairs: Pair<L, S>[] = [];
  for (const find of [bySpelling, byWording, bySource, byMeaning]) {
    const found: Candidate<L, S>[] = [...find([...rest.live], [...rest.shadow])];
    for (const { live: one, shadow: other } of found.toSorted(closestFirst)) {
      if (!rest.live.has(one) || !rest.shadow.has(other)) continue;
      rest.live.delete(one);
      rest.shadow.delete(other);
      pairs.push({ live: one, shadow: other, fields: changedFields(one, other) });
    }
  }
  return { pairs, added: [...rest.shadow], removed: [...rest.live] };
}

interface Candidate<L, S> {
  readonly live: L;
  readonly shadow: S;
  readonly score: number;
}

const bySpelling = byKey(({ text }) => normalizeStatement(text));
const byWording = byKey(({ text }) => wordingOf(text));

function byKey(keyOf: (memory: ComparedMemory) => string) {
  const slotOf = (memory: ComparedMemory) => `${memory.audience}/${keyOf(memory)}`;
  return <L extends ComparedMemory, S extends ComparedMemory>(live: readonly L[], shadow: readonly S[]) => {
    const bySlot = Map.groupBy(shadow, slotOf);
    return live.flatMap((one) =>
      (bySlot.get(slotOf(one)) ?? []).map((other) => ({
        live: one,
        shadow: other,
        score: likeness(one, other),
      })),
    );
  };
}

/** Of several with the same words: those that were so at the same time, and that the same message says. */
function likeness(one: ComparedMemory, other: ComparedMemory): number {
  const isSame = (a: Date | undefined, b: Date | undefined) => (a?.getTime() === b?.getTime() ? 1 : 0);
  const validity = isSame(one.validFrom, other.validFrom) + isSame(one.validTo, other.validTo);
  return 2 * validity + (sharesMessage(one, other) ? 1 : 0);
}

function bySource<L extends ComparedMemory, S extends ComparedMemory>(
  live: readonly L[],
  shadow: readonly S[],
): Candidate<L, S>[] {
  const byMessage = new Map<string, Set<S>>();
  for (const other of shadow) {
    for (const messageId of other.messageIds) {
      byMessage.set(messageId, (byMessage.get(messageId) ?? new Set<S>()).add(other));
    }
  }
  return live.flatMap((one) => {
    const others = new Set(one.messageIds.flatMap((messageId) => [...(byMessage.get(messageId) ?? [])]));
    return [...others].flatMap((other) => candidate(one, other, SAME_SOURCE_COSINE));
  });
}

function withinBounds(mostProducts: number) {
  return <L extends ComparedMemory, S extends ComparedMemory>(
    live: readonly L[],
    shadow: readonly S[],
  ): Candidate<L, S>[] => {
    const products = live.length * shadow.length * (live[0]?.vector.length ?? 0);
    const akin = products > mostProducts ? rareWords(live, shadow) : undefined;
    return live.flatMap((one) =>
      (akin?.(one) ?? shadow).flatMap((other) => candidate(one, other, SAME_MEANING_COSINE)),
    );
  };
}

/** Those of the shadow that have a word in common which few of both generations have. */
function rareWords<L extends ComparedMemory, S extends ComparedMemory>(
  live: readonly L[],
  shadow: readonly S[],
): (one: L) => readonly S[] {
  const uses = new Map<string, number>();
  for (const one of [...live, ...shadow])
    for (const word of wordsOf(one)) uses.set(word, (uses.get(word) ?? 0) + 1);
  const rare = (one: ComparedMemory) => wordsOf(one).filter((word) => (uses.get(word) ?? 0) <= COMMON);
  const byWord = new Map<string, S[]>();
  for (const other of shadow)
    for (const word of rare(other)) byWord.set(word, [...(byWord.get(word) ?? []), other]);
  return (one) => [...new Set(rare(one).flatMap((word) => byWord.get(word) ?? []))];
}

function wordsOf({ text }: ComparedMemory): string[] {
  return [...new Set(normalizeStatement(text).split(/[^\p{L}\p{N}]+/u))];
}

function candidate<L extends ComparedMemory, S extends ComparedMemory>(
  live: L,
  shadow: S,
  least: number,
): Candidate<L, S>[] {
  if (live.audience !== shadow.audience || live.embeddingModel !== shadow.embeddingModel) return [];
  const score = dot(live.vector, shadow.vector);
  return score >= least ? [{ live, shadow, score }] : [];
}

function sharesMessage(one: ComparedMemory, other: ComparedMemory): boolean {
  return one.messageIds.some((messageId) => other.messageIds.includes(messageId));
}

/** Of two that are as close, in an order that does not depend on which generation is live. */
function closestFirst(a: Candidate<ComparedMemory, ComparedMemory>, b: typeof a): number {
  return b.score - a.score || (keyOf(a) < keyOf(b) ? -1 : 1);
}

function keyOf({ live, shadow }: Candidate<ComparedMemory, ComparedMemory>): string {
  return [live.id, shadow.id].sort().join();
}

/** Less than this, one has been confirmed once more or less. */
const NOTICEABLE = 0.05;

/** What a pair differs in, in the order of `ChangedField`. */
export function changedFields(live: ComparedMemory, shadow: ComparedMemory): ChangedField[] {
  const differs: Readonly<Record<ChangedField, boolean>> = {
    text: normalizeStatement(live.text) !== normalizeStatement(shadow.text),
    kind: live.kind !== shadow.kind,
    category: live.category !== shadow.category,
    confidence: Math.abs(live.confidence - shadow.confidence) >= NOTICEABLE,
    importance: Math.abs(live.importance - shadow.importance) >= NOTICEABLE,
    origin: live.origin !== shadow.origin,
    valid_from: live.validFrom.getTime() !== shadow.validFrom.getTime(),
    valid_to: live.validTo?.getTime() !== shadow.validTo?.getTime(),
  };
  return (Object.keys(differs) as ChangedField[]).filter((field) => differs[field]);
}
