import { LABELS, type Label, type WrittenCase } from "./written-case.ts";

/** What became of a case. */
export interface CaseOutcome {
  readonly label: Label;
  /** What should hold and does not, or the other way round; empty where the case came out right. */
  readonly wrong: readonly string[];
}

/** Counts what should have become of statements against what did. */
export class Matrix {
  readonly #counts = new Map<string, number>();
  #cases = 0;
  #labels = 0;
  #whole = 0;

  count({ expect }: WrittenCase, { label, wrong }: CaseOutcome): void {
    // A label that is accepted counts as the one that was wanted.
    const isAccepted = expect.includes(label);
    const cell = `${expect[0]}/${isAccepted ? expect[0] : label}`;
    this.#counts.set(cell, (this.#counts.get(cell) ?? 0) + 1);
    this.#cases += 1;
    if (isAccepted) this.#labels += 1;
    if (isAccepted && wrong.length === 0) this.#whole += 1;
  }

  /** Rows: wanted; columns: what became of it. */
  toString(): string {
    const cells = (row: Label) => LABELS.map((column) => this.#counts.get(`${row}/${column}`) ?? 0);
    const share = (part: number) => `${((100 * part) / this.#cases).toFixed(1)} %`;
    return [
      `${"wanted".padEnd(12)}${LABELS.map((label) => label.padStart(11)).join("")}`,
      ...LABELS.map(
        (row) =>
          `${row.padEnd(12)}${cells(row)
            .map((n) => String(n || ".").padStart(11))
            .join("")}`,
      ),
      `${this.#labels} of ${this.#cases} outcomes as wanted (${share(this.#labels)}); ${this.#whole} with all that holds and all that is gone (${share(this.#whole)})`,
    ].join("\n");
  }
}
