import { feedbackFactor, type Opinions } from "../feedback/feedback-factor.ts";
import { firstPage, type Load } from "./fill-budget.ts";
import type { ScoredCandidate } from "./fuse.ts";

/** Factors by memory; of others it is 1. */
type FeedbackFactors = ReadonlyMap<string, number>;

export interface FeedbackRanking {
  /** False: nothing is said of any memory there, so nothing is asked. */
  readonly hasFeedback: boolean;
  /** Brings the candidates together. */
  readonly rank: (factors: FeedbackFactors) => readonly ScoredCandidate[];
  /** Whether a candidate can be a hit. */
  readonly passes: (scored: ScoredCandidate) => boolean;
  /** Reads what is said of memories. */
  readonly opinions: (memoryIds: readonly string[]) => Promise<ReadonlyMap<string, Opinions>>;
  readonly load: Load;
  /** Hits that are wanted. */
  readonly limit: number;
  /** False: the memories are not read yet, for they will be read later than this. */
  readonly readsAhead: boolean;
}

export interface RankedByFeedback {
  readonly ranked: readonly ScoredCandidate[];
  /** Has what was read ahead. */
  readonly load: Load;
}

/** Memories read ahead beside those of a page: so many may sink out of it without another read. */
const SPARE = 3;
const NOTHING_SAID: FeedbackFactors = new Map();

/**
 * Ranks by what is said of the candidates as well. While that is read, so are the memories that would be the hits
 * without it: it moves few of them, and the answer waits for one round trip as before.
 */
export async function rankByFeedback(ranking: FeedbackRanking): Promise<RankedByFeedback> {
  const { rank, passes, opinions, load, limit, readsAhead } = ranking;
  const guess = rank(NOTHING_SAID);
  if (!ranking.hasFeedback) return { ranked: guess, load };
  const asking = opinions(guess.map(({ candidate }) => candidate.memoryId));
  const ahead = readsAhead ? guess.filter(passes).slice(0, firstPage(limit) + SPARE) : [];
  const early = ahead.length > 0 ? readEarly(load, ahead) : load;
  const factors = new Map([...(await asking)].map(([memoryId, said]) => [memoryId, feedbackFactor(said)]));
  return { ranked: factors.size > 0 ? rank(factors) : guess, load: early };
}

/** Reads these now; whoever asks for any of them gets what was read then. */
function readEarly(load: Load, ahead: readonly ScoredCandidate[]): Load {
  const slot = ({ memoryId, version }: { memoryId: string; version: number }) => `${memoryId}/${version}`;
  const read = load(ahead.map(({ candidate }) => candidate));
  // Whoever waits for it hears of its failure.
  read.catch(() => {});
  const known = new Set(ahead.map(({ candidate }) => slot(candidate)));
  return async (refs) => {
    const missing = refs.filter((ref) => !known.has(slot(ref)));
    const [early, late] = await Promise.all([
      missing.length < refs.length ? read : [],
      missing.length > 0 ? load(missing) : [],
    ]);
    const wanted = new Set(refs.map(slot));
    return [...early.filter(({ id, version }) => wanted.has(slot({ memoryId: id, version }))), ...late];
  };
}
