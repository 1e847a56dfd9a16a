import { DAY_MS } from "../time/day.ts";

/** Until when something is known. */
export interface Expiry {
  /** Undefined: for good. */
  readonly expiresAt: Date | undefined;
  /** The application says so; else it is the project's rule, by which it lasts longer once it is said again. */
  readonly isExpiryGiven?: boolean | undefined;
}

/** How long a new statement is to be known. */
export interface Lasting extends Expiry {
  /** What is known by the project's rule must last until then at least to take it in: it need only be there. */
  readonly atLeast: Date | undefined;
}

/**
 * @param given when the application says that it expires; never later than by the project's rule.
 * @param days that the project keeps memories; for good if undefined.
 */
export function lastingOf(given: Date | undefined, days: number | undefined, now: Date): Lasting {
  const isExpiryGiven = given !== undefined;
  if (days === undefined) return { expiresAt: given, atLeast: given, isExpiryGiven };
  const end = new Date(now.getTime() + days * DAY_MS);
  return given !== undefined && given <= end
    ? { expiresAt: given, atLeast: given, isExpiryGiven }
    : { expiresAt: end, atLeast: now };
}

/** What expires before a new statement would is no place for its source: both would be gone. */
export function lastsAsLong(
  { expiresAt, isExpiryGiven }: Expiry,
  wanted: Omit<Lasting, "isExpiryGiven">,
): boolean {
  if (expiresAt === undefined) return true;
  const until = isExpiryGiven ? wanted.expiresAt : wanted.atLeast;
  return until !== undefined && expiresAt >= until;
}

/** Told again, it lasts until then at least, if its end is not given. */
export function prolonged({ expiresAt, isExpiryGiven }: Expiry, until: Date | undefined): Date | undefined {
  const isLater = expiresAt !== undefined && until !== undefined && until > expiresAt;
  return isLater && !isExpiryGiven ? until : expiresAt;
}
