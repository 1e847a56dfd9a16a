import { CommanderError } from "commander";
import { exitCodeOf, sentenceOf, toFailure } from "./failure.ts";
import { createProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Runs one command line.
 * @returns the exit code: 0 done, 1 broke, 2 not understood, 3 not found, 4 not allowed, 5 not in this state,
 * 6 not available, 7 not in time, 130 interrupted.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal);
  try {
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    const json = program.opts().json === true;
    // Commander has shown the help that was asked for, or said to people what is wrong.
    if (error instanceof CommanderError && (error.exitCode === 0 || !json))
      return error.exitCode === 0 ? 0 : 2;
    const failure = toFailure(error);
    terminal.stderr.write(
      json ? `${JSON.stringify({ error: failure })}\n` : `mneme: ${sentenceOf(failure)}\n`,
    );
    return exitCodeOf(failure.kind);
  }
}
