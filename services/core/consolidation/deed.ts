import { wordingOf } from "../memory/wording.ts";
import type { Episode } from "./episode.ts";

const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

/** A day as English statements tell it: `3 March 2026`, UTC. */
export function englishDay(date: Date): string {
  return DAY.format(date);
}

/** What an episode says without the day on which it was, as statements have it: what recurs says the same. */
export function deedOf({ text, validFrom }: Pick<Episode, "text" | "validFrom">): string {
  const day = englishDay(validFrom);
  const bare = text.trim().replace(` on ${day}`, "");
  return bare.startsWith(`On ${day} `) ? bare.slice(`On ${day} `.length) : bare;
}

/** Equal where two episodes tell the same deed. */
export function deedKey(episode: Pick<Episode, "text" | "validFrom">): string {
  return wordingOf(deedOf(episode));
}
