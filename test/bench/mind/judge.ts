import type { CaseOutcome } from "./matrix.ts";
import type { Label, WrittenCase } from "./written-case.ts";

/** Of several statements of a turn, what became of the one that changed most. */
const STRONGEST: readonly Label[] = ["DELETE", "SUPERSEDE", "UPDATE", "NOOP", "ADD", "NONE"];

/**
 * Judges what became of a case.
 *
 * @param labels of all statements of what was said last.
 * @param alive texts of what holds afterwards.
 */
export function judge(
  { expect, holds, gone }: WrittenCase,
  labels: readonly Label[],
  alive: readonly string[],
): CaseOutcome {
  // Whatever else the turn holds, the case is about what it names.
  const label =
    expect.find((one) => labels.includes(one) && one !== "ADD" && one !== "NONE") ??
    STRONGEST.find((one) => labels.includes(one)) ??
    "NONE";
  const has = (words: readonly string[]) =>
    alive.some((text) => words.every((word) => text.toLowerCase().includes(word.toLowerCase())));
  return {
    label,
    wrong: [
      ...holds.filter((words) => !has(words)).map((words) => `does not hold: ${words.join(" ")}`),
      ...gone.filter(has).map((words) => `still holds: ${words.join(" ")}`),
    ],
  };
}
