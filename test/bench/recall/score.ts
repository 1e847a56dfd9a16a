/** Recall of one question's evidence among the first `k` memories, for each `k`. */
export interface EvidenceScore {
  /** Share of the evidence turns that the first k memories stand for, 0..1. */
  readonly recall: Readonly<Record<number, number>>;
  /** 1 where the first k memories stand for all of it, else 0. */
  readonly all: Readonly<Record<number, number>>;
}

/**
 * Fractional evidence recall: a memory stands for its source turns.
 * @param ranked source turn ids of each memory, best memory first.
 * @param evidence ids of the turns that answer the question; must not be empty.
 */
export function scoreEvidence(
  ranked: readonly (readonly string[])[],
  evidence: readonly string[],
  ks: readonly number[],
): EvidenceScore {
  const wanted = new Set(evidence);
  if (wanted.size === 0) throw new Error("a question without evidence cannot be scored");
  const recall: Record<number, number> = {};
  const all: Record<number, number> = {};
  for (const k of ks) {
    const found = new Set(ranked.slice(0, k).flat());
    const hit = [...wanted].filter((id) => found.has(id)).length;
    recall[k] = hit / wanted.size;
    all[k] = hit === wanted.size ? 1 : 0;
  }
  return { recall, all };
}

/** Means of several scores, in percent with one decimal. */
export function meanScore(scores: readonly EvidenceScore[], k: number, part: "recall" | "all"): number {
  if (scores.length === 0) return Number.NaN;
  const sum = scores.reduce((total, score) => total + (score[part][k] ?? 0), 0);
  return Math.round((1000 * sum) / scores.length) / 10;
}
