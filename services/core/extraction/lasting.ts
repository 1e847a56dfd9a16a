/** How long a statement is to be known. */
export interface Lasting {
  /** When a new memory of it expires. */
  readonly expiresAt: Date | undefined;
  /**
   * A known memory that says it already must last until then, to take it in. Where that expires by the project's
   * rule, it need only be there: said again, it lasts longer.
   */
  readonly atLeast: Date | undefined;
}

const DAY_MS = 86_400_000;

/**
 * @param given when the application says that it expires.
 * @param days that the project keeps memories; for good if undefined.
 */
export function lastingOf(given: Date | undefined, days: number | undefined, now: Date): Lasting {
  if (days === undefined) return { expiresAt: given, atLeast: given };
  const end = new Date(now.getTime() + days * DAY_MS);
  return given !== undefined && given <= end
    ? { expiresAt: given, atLeast: given }
    : { expiresAt: end, atLeast: now };
}
