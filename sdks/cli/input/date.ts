import { z } from "zod";

/** What is expected where a date stands, for error messages. */
export const A_DATE = "a date that exists, such as 2026-03-01 or 2026-03-01T14:30:00Z";

/**
 * Reads a day, or a time with or without an offset (without: local), as ISO writes it. The calendar must have it:
 * Date itself takes 30 February for 2 March.
 */
export const date = z
  .union([z.iso.date(), z.iso.datetime({ offset: true, local: true })], {
    error: `must be ${A_DATE}`,
  })
  .transform((text) => new Date(text));
