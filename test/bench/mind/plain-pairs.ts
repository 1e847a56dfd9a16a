import { readFileSync } from "node:fs";
import { z } from "zod";
import { LABELS, type Label, type WrittenCase } from "./written-case.ts";

/** What is known, what is said half a year later, and what becomes of it: any of the labels. */
export interface PlainPair {
  readonly known: string;
  readonly said: string;
  readonly expect: readonly Label[];
  /** The rules do not get it right yet. */
  readonly isMissed: boolean;
}

const labels = z.array(z.enum(LABELS)).min(1);

export function readPlainPairs(): readonly PlainPair[] {
  const lines = readFileSync(new URL("./plain-pairs.txt", import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#")).map(pairOf);
}

function pairOf(line: string): PlainPair {
  const isMissed = line.startsWith("~");
  const [known = "", said = "", expected = ""] = line
    .replace(/^~/, "")
    .split("|")
    .map((part) => part.trim());
  return { known, said, expect: labels.parse(expected.split("/")), isMissed };
}

/** @param by the speaker's name; undefined of one whom nobody has named. */
export function asCase({ known, said, expect }: PlainPair, by: string | undefined): WrittenCase {
  const turn = (text: string, at: string) => ({ text, role: "user" as const, at, ...(by && { by }) });
  return {
    id: `${known} | ${said}`,
    scope: "person",
    before: known === "" ? [] : [turn(known, "2026-03-02T10:00:00Z")],
    now: [turn(said, "2026-11-02T10:00:00Z")],
    expect: [...expect],
    holds: [],
    gone: [],
  };
}
