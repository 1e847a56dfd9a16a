import { stripVTControlCharacters } from "node:util";
import wrapAnsi from "wrap-ansi";

/** Text without control characters, which could steer a terminal; line breaks become spaces. */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, " ")
    .trim();
}

/** Characters that are wrapped at once: to break a long word takes quadratic time. */
const PIECE = /.{1,1000}(?=\s|$)|.{1,1000}/gsu;

/** Broken into lines of `width` columns at words; a word longer than a line breaks instead of being cut off. */
export function wrap(text: string, width: number): string {
  const pieces = text.match(PIECE) ?? [""];
  return pieces.map((piece) => wrapAnsi(piece.trimStart(), width, { hard: true })).join("\n");
}

/** 2026-03-01 14:30, or 2026-03-01 at midnight; UTC, so that it reads the same everywhere. */
export function formatDate(date: Date | undefined): string {
  if (date === undefined) return "";
  const text = date.toISOString();
  return text.slice(11, 16) === "00:00" ? text.slice(0, 10) : text.slice(0, 16).replace("T", " ");
}

/** 12 ms, 1.2 s. */
export function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** One memory, two memories. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** A table with how many rows it has below it, or that there are none. */
export function listed<T>(rows: readonly T[], noun: string, table: (rows: readonly T[]) => string): string {
  return rows.length === 0 ? `No ${noun}s.` : `${table(rows)}\n${count(rows.length, noun)}`;
}
