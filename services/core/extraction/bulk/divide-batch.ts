import type { Turn } from "../extractor.ts";
import type { StreamBatch } from "../ingest-store.ts";

/** Turns before a request's that it shows. */
const CONTEXT_TURNS = 10;

/**
 * Cuts what a stream has waiting into requests, in order: each has so many turns and characters at most, or a single
 * longer turn, and the turns before it for context. Finished statements go along.
 */
export function divideBatch(
  batch: StreamBatch,
  most: { readonly turns: number; readonly characters: number },
): StreamBatch[] {
  const parts: StreamBatch[] = [];
  let context: readonly Turn[] = batch.context;
  let pending: StreamBatch["pending"][number][] = [];
  let turns = 0;
  let characters = 0;
  const end = () => {
    if (pending.length > 0) parts.push({ ...batch, context, pending });
    const said = pending.flatMap(({ turn, draft }) => (draft ? [] : [turn]));
    context = [...context, ...said].slice(-CONTEXT_TURNS);
    pending = [];
    turns = 0;
    characters = 0;
  };
  for (const message of batch.pending) {
    const { text } = message.turn;
    const isTurn = message.draft === undefined;
    if (isTurn && turns > 0 && (turns >= most.turns || characters + text.length > most.characters)) end();
    pending.push(message);
    if (!isTurn) continue;
    turns += 1;
    characters += text.length;
  }
  end();
  return parts;
}
