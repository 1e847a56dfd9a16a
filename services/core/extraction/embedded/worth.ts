import { isToldOf } from "../sensitive/health.ts";
import { ALLERGIES, DIETS } from "./categories.ts";

/** Whom it harms if it is forgotten, who somebody is, and what is so for years: what each adds to importance. */
const LASTING: Readonly<Record<string, number>> = {
  health: 0.35,
  identity: 0.3,
  family: 0.25,
  home: 0.25,
  work: 0.25,
  pets: 0.15,
  education: 0.15,
  relationships: 0.15,
};
const HARMS = 0.35;
const TASTE =
  /\b(?:prefers?|favou?rite|likes?|loves?|enjoys?|hates?|dislikes?|adores?|fan of|(?:into|fond of) \p{L})/iu;

export interface Worth {
  /** What its kind of fact adds to importance, at least 0. */
  readonly lasting: number;
  /** It tells what somebody likes, which says little more by naming it. */
  readonly taste: boolean;
}

/** How long what is told will be of use: an allergy for life, a taste until the next one. */
export function worthOf(category: string, text: string): Worth {
  if (isToldOf(text, ALLERGIES) || DIETS.test(text)) return { lasting: HARMS, taste: false };
  const taste = category !== "health" && TASTE.test(text);
  const lasting = LASTING[category] ?? 0;
  return { lasting: taste ? Math.min(lasting, 0.15) : lasting, taste };
}
