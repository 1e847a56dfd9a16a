import { styleText } from "node:util";
import type { Terminal } from "../terminal.ts";
import { clean } from "./text.ts";

type Style = Parameters<typeof styleText>[0];

/** Prints for people or, with --json, for programs. */
export class Printer {
  readonly json: boolean;
  readonly #terminal: Terminal;
  readonly #coloured: boolean;

  constructor(terminal: Terminal, json: boolean) {
    this.#terminal = terminal;
    this.json = json;
    this.#coloured = terminal.stdout.isTTY === true && !terminal.env.NO_COLOR && terminal.env.TERM !== "dumb";
  }

  /** Columns that a line may take. */
  get width(): number {
    return Math.max(60, Math.min(this.#terminal.stdout.columns ?? 100, 160));
  }

  /** One JSON document with --json, and what `people` returns without. */
  result(value: unknown, people: () => string): void {
    this.#terminal.stdout.write(this.json ? `${JSON.stringify(value, null, 2)}\n` : `${people()}\n`);
  }

  /** One line of JSON with --json, and what `people` returns without: for what comes bit by bit. */
  event(value: unknown, people: () => string): void {
    this.#terminal.stdout.write(this.json ? `${JSON.stringify(value)}\n` : `${people()}\n`);
  }

  /** A note beside the result; none with --json. */
  note(text: string): void {
    if (!this.json) this.#terminal.stderr.write(`${text}\n`);
  }

  /** Overwrites one line of a terminal; nothing where there is none. */
  progress(text: string): void {
    if (this.#terminal.stderr.isTTY) this.#terminal.stderr.write(`\r\u001b[K${text}`);
  }

  /** Whether progress is shown by overwriting a line. */
  get movesLines(): boolean {
    return this.#terminal.stderr.isTTY === true;
  }

  style(style: Style, text: string): string {
    return this.#coloured ? styleText(style, text, { validateStream: false }) : text;
  }

  /** Text from memories and messages, without what could steer a terminal. */
  clean(text: string): string {
    return clean(text);
  }
}
