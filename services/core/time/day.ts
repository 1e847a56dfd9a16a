/** In milliseconds; UTC has no other days. */
export const DAY_MS = 86_400_000;
