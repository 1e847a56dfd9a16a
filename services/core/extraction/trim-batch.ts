import type { TryLimits } from "./extractor.ts";
import type { StreamBatch } from "./ingest-store.ts";

/** The batch's first messages that one try can take on, at least one. Finished statements need no reading. */
export function trimBatch(batch: StreamBatch, { turns, characters }: TryLimits): StreamBatch {
  let turnsLeft = turns;
  let charactersLeft = characters;
  const end = batch.pending.findIndex(({ turn, draft }, i) => {
    if (draft) return false;
    turnsLeft -= 1;
    charactersLeft -= turn.text.length;
    return i > 0 && (turnsLeft < 0 || charactersLeft < 0);
  });
  return end < 0 ? batch : { ...batch, pending: batch.pending.slice(0, end) };
}
