import type { Rating } from "./feedback.ts";

/** One word on a memory. */
export interface Said {
  readonly rating: Rating;
  /** 0..1: halves with every half-life since it was said. */
  readonly weight: number;
}

/** What is said of a memory, as somebody's search sees it. */
export interface Opinions {
  /** Of whom the search is about. */
  readonly own: Said | undefined;
  /** Of the application itself. */
  readonly application: Said | undefined;
  /** Of all other people: the weights of those who say so, added up. */
  readonly others: Readonly<Record<Rating, number>>;
}

/** What one fresh word adds to 1. */
export const MOVES: Readonly<Record<Rating, number>> = {
  positive: 0.2,
  negative: -0.15,
  very_negative: -0.3,
};
/** The part of it that moves what others find: nobody alone lowers them a memory by more than .075, or lifts it by .05. */
export const OTHERS_SHARE = 0.25;
/** What all that is said together can do. Like importance it settles what is near, and hides nothing. */
export const LEAST_FACTOR = 0.7;
export const MOST_FACTOR = 1.2;
/** Days in which a word loses half its weight. */
export const FEEDBACK_HALF_LIFE_DAYS = 90;

/** What a score is multiplied by, LEAST_FACTOR..MOST_FACTOR; exactly 1 where nothing is said. */
export function feedbackFactor({ own, application, others }: Opinions): number {
  const alone = moveOf(own) + moveOf(application);
  const ratings = Object.keys(MOVES) as Rating[];
  const shared = ratings.reduce((sum, rating) => sum + MOVES[rating] * others[rating], 0);
  return Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, 1 + alone + OTHERS_SHARE * shared));
}

function moveOf(said: Said | undefined): number {
  return said ? MOVES[said.rating] * said.weight : 0;
}
