import { setImmediate } from "node:timers/promises";
import { EMBEDDED_EXTRACTOR_VERSION } from "../embedded/version.ts";
import type {
  DroppedTurn,
  ExtractionInput,
  ExtractionOutput,
  Extractor,
  Statement,
  Turn,
} from "../extractor.ts";
import { type AsSaidLimits, inPlace, readAsSaid } from "./read-turn.ts";

const LIMITS: AsSaidLimits = { statementWords: 45, statementsPerTurn: 40 };
/** Turns are read together so long; other work of the process waits for that. */
const UNINTERRUPTED_MS = 50;

/**
 * Writes statements in the words that were said, of a language whose grammar no rule knows: nothing is rewritten, and so
 * nothing mangled. Deterministic.
 *
 * @param tag what the project's people write in.
 */
export function createAsSaidExtractor(tag: string): Extractor {
  return {
    name: "embedded",
    version: EMBEDDED_EXTRACTOR_VERSION,
    extract: (input, signal) => read(input, tag, signal),
  };
}

async function read(input: ExtractionInput, tag: string, signal?: AbortSignal): Promise<ExtractionOutput> {
  const turns = [...input.context, ...input.turns];
  const statements: Statement[] = [];
  const dropped: DroppedTurn[] = [];
  let until = performance.now() + UNINTERRUPTED_MS;
  for (let i = input.context.length; i < turns.length; i += 1) {
    const turn = turns[i] as Turn;
    const made = readAsSaid(inPlace(turns, i), tag, { ...LIMITS, keptOut: input.keptOut });
    statements.push(...made);
    if (made.length === 0) dropped.push({ messageId: turn.messageId, reason: reasonFor(turn) });
    if (performance.now() < until) continue;
    await setImmediate();
    signal?.throwIfAborted();
    until = performance.now() + UNINTERRUPTED_MS;
  }
  return { statements, dropped, summary: undefined };
}

function reasonFor(turn: Turn): DroppedTurn["reason"] {
  if (turn.text.trim() === "") return "empty";
  return turn.role === "system" ? "not_about_anyone" : "small_talk";
}
