import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { memoryFacts } from "../output/memory.ts";
import type { Terminal } from "../terminal.ts";

export function registerGet(program: Command, terminal: Terminal) {
  program
    .command("get")
    .description("Show memories with their sources.")
    .argument("<id...>", "their ids")
    .addHelpText("after", "\nExample:\n  $ mneme get 0197a0a0-0000-7000-8000-000000000000")
    .action(action(terminal, get));
}

async function get(
  { mneme, print, signal }: Context,
  _options: object,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 1) {
    const memory = await mneme.memories.get(ids[0] ?? "", { signal });
    return print.result(memory, () => memoryFacts(memory));
  }
  const result = await mneme.memories.batchGet(ids, { signal });
  print.result(result, () =>
    [...result.memories.map(memoryFacts), ...result.notFound.map((id) => `nothing  ${id}`)].join("\n\n"),
  );
}
