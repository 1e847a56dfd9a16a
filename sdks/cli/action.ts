import type { Mneme } from "@mneme/sdk";
import type { Command } from "commander";
import { connect, type GlobalOptions, type KeyHolder } from "./connection.ts";
import { Printer } from "./output/printer.ts";
import type { Terminal } from "./terminal.ts";

/** What a command works with. */
export interface Context {
  readonly mneme: Mneme;
  readonly terminal: Terminal;
  readonly print: Printer;
  readonly global: GlobalOptions;
  /** Passed to every call: Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A command's work, given its arguments, its own options, and what it works with. */
type Work<Args extends readonly unknown[], Options> = (
  context: Context,
  options: Options,
  ...args: Args
) => Promise<void>;

/**
 * Connects, runs the work, and closes the connection whatever happens.
 * @param holder whose key it needs, which may depend on the arguments.
 */
export function action<Options, Args extends readonly unknown[]>(
  terminal: Terminal,
  work: Work<Args, Options>,
  holder: KeyHolder | ((...args: Args) => KeyHolder) = "tenant",
) {
  return async (...parsed: unknown[]) => {
    // Commander passes the arguments, then the options, then the command.
    const command = parsed.at(-1) as Command;
    const args = parsed.slice(0, -2) as unknown as Args;
    const global = command.optsWithGlobals<GlobalOptions>();
    await using mneme = connect(global, terminal, typeof holder === "string" ? holder : holder(...args));
    const print = new Printer(terminal, global.json === true);
    await work(
      { mneme, terminal, print, global, signal: terminal.signal },
      command.opts() as Options,
      ...args,
    );
  };
}
