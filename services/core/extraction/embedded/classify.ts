import type { MemoryKind, ValidTime } from "../../memory/memory.ts";
import type { Turn } from "../extractor.ts";
import type { Composed } from "./compose.ts";

export function classify(
  composed: Composed,
  turn: Turn,
): { kind: MemoryKind; category: string; confidence: number; importance: number; valid: ValidTime } {
  return {
    kind: "semantic",
    category: "other",
    confidence: 0.9,
    importance: 0.5,
    valid: { from: composed.dates[0]?.start ?? turn.sentAt, to: undefined },
  };
}
