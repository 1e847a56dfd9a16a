import Table from "cli-table3";
import wrapAnsi from "wrap-ansi";
import { clean } from "./text.ts";

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
  drawn.push(...rows.map((row) => row.map((cell, index) => wrapped(cell, (widths[index] ?? share) - 2))));
  return drawn.toString();
}

/** A word longer than the cell breaks instead of being cut off. */
function wrapped(cell: string, width: number): string {
  return wrapAnsi(cell.split("\n").map(clean).join("\n"), width, { hard: true });
}

/** Aligned `name  value` lines; a value of undefined is left out. */
export function facts(entries: readonly (readonly [string, string | undefined])[]): string {
  const shown = entries.filter((entry): entry is readonly [string, string] => Boolean(entry[1]));
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${clean(value)}`).join("\n");
}
