/** What is said again is surer by this share of what was lacking. */
export const SURER = 0.25;
/** But never certain. */
export const SUREST = 0.99;

/** How sure a statement is once it is said again; never less than it was. */
export function surer(confidence: number): number {
  return Math.max(confidence, Math.min(SUREST, confidence + (1 - confidence) * SURER));
}
