import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { type TimesOptions, withTimes } from "../options.ts";
import { memoryFacts } from "../output/memory.ts";
import type { Terminal } from "../terminal.ts";

const EXAMPLES = `
Examples:
  $ mneme get 0197a0a0-0000-7000-8000-000000000000
  $ mneme get 0197a0a0-0000-7000-8000-000000000000 --as-of 2026-04-01 --known-at 2026-05-31`;

export function registerGet(program: Command, terminal: Terminal) {
  withTimes(program.command("get").description("Show memories with their sources."))
    .argument("<id...>", "their ids")
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, get));
}

async function get(
  { mneme, print, signal }: Context,
  { asOf, knownAt }: TimesOptions,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 1) {
    const memory = await mneme.memories.get(ids[0] ?? "", { asOf, knownAt, signal });
    return print.result(memory, () => memoryFacts(memory));
  }
  const result = await mneme.memories.batchGet(ids, { asOf, knownAt, signal });
  print.result(result, () =>
    [...result.memories.map(memoryFacts), ...result.notFound.map((id) => `nothing  ${id}`)].join("\n\n"),
  );
}
