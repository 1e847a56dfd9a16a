import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { scopeOf } from "../options.ts";
import { degradedLines, leftOutText } from "../output/search.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";
import { type ReadCommandOptions, readOptions, withReadOptions } from "./read-options.ts";

const EXAMPLES = `
Examples:
  $ mneme context --user ada "What shall we talk about?"
  $ mneme context --user ada "holidays" --budget 500 > block.txt

The block goes to standard output, notes about it to standard error.`;

export function registerContext(program: Command, terminal: Terminal) {
  withReadOptions(program.command("context").description("Write a block of text ready for a prompt."))
    .argument("<question...>", "the question, or the person's last message")
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, writeContext));
}

async function writeContext(
  context: Context,
  options: ReadCommandOptions,
  words: readonly string[],
): Promise<void> {
  const { mneme, print, signal } = context;
  const block = await scopeOf(mneme, options).context(words.join(" "), readOptions(options, signal));
  print.result(block, () => block.text.split("\n").map(print.clean).join("\n"));
  print.note(`${count(block.citations.length, "memory", "memories")}, ${count(block.tokens, "token")}`);
  if (block.leftOut.length > 0) print.note(`left out: ${leftOutText(block.leftOut)}`);
  for (const line of degradedLines(block.degraded)) print.note(line);
}
