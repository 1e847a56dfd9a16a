import Table from "cli-table3";
import { clean, wrap } from "./text.ts";

/** A column: its heading, and its width in columns or what is left over. */
export interface Column {
  readonly head: string;
  /** Including one space on either side; unset: shares what the others leave. */
  readonly width?: number;
  readonly right?: boolean;
}

/** A table as wide as the terminal; long cells wrap at words, and a cell's own line breaks stay. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string {
  const borders = columns.length + 1;
  const fixed = columns.reduce((sum, column) => sum + (column.width ?? 0), 0);
  const flexible = columns.filter((column) => column.width === undefined).length;
  const share = Math.max(20, Math.floor((width - borders - fixed) / Math.max(1, flexible)));
  const widths = columns.map((column) => column.width ?? share);
  const drawn = new Table({
    head: columns.map(({ head }) => head),
    colWidths: widths,
    colAligns: columns.map(({ right }) => (right ? "right" : "left")),
    style: { head: [], border: [] },
  });
  const wrapped = rows.map((row) => lines(row.map((cell, i) => wrapCell(cell, (widths[i] ?? share) - 2))));
  drawn.push(...wrapped.flat());
  const [top = "", head = "", ...body] = drawn.toString().split("\n");
  const ends = new Set(wrapped.map(endOf));
  // Each line is followed by a rule, which stays under the head and under the last line of a row.
  return [top, head, ...body.filter((_, i) => i % 2 === 1 || i === 0 || ends.has(i / 2))].join("\n");
}

/** Lines of all rows up to this one. */
function endOf(_: unknown, row: number, wrapped: readonly unknown[][]): number {
  return wrapped.slice(0, row + 1).reduce((sum, { length }) => sum + length, 0);
}

/** A row's lines, each a row to the library: to draw a cell of many lines takes it cubic time. */
function lines(cells: readonly (readonly string[])[]): string[][] {
  const height = Math.max(1, ...cells.map(({ length }) => length));
  return Array.from({ length: height }, (_, line) => cells.map((cell) => cell[line] ?? ""));
}

function wrapCell(cell: string, width: number): string[] {
  return cell.split("\n").flatMap((line) => wrap(clean(line), width).split("\n"));
}

/** Aligned `name  value` lines; a value of undefined is left out. */
export function facts(entries: readonly (readonly [string, string | undefined])[]): string {
  const shown = entries.filter((entry): entry is readonly [string, string] => Boolean(entry[1]));
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${clean(value)}`).join("\n");
}
