import type { Turn } from "../extractor.ts";
import type { StreamBatch } from "../ingest-store.ts";
import { withoutSensitive } from "./find-sensitive.ts";
import type { SensitiveKind } from "./sensitive-kind.ts";

/** Turns as the windows around statements may show them: what is kept out of memories is not kept beside them either. */
export function withoutExcluded(batch: StreamBatch, excluded: ReadonlySet<SensitiveKind>): StreamBatch {
  if (excluded.size === 0) return batch;
  const blanked = (turn: Turn): Turn => ({ ...turn, text: withoutSensitive(turn.text, excluded) });
  return {
    ...batch,
    context: batch.context.map(blanked),
    pending: batch.pending.map((one) => (one.draft ? one : { ...one, turn: blanked(one.turn) })),
  };
}
