import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import type { Terminal } from "../terminal.ts";

export function registerHistory(program: Command, terminal: Terminal) {
  program
    .command("history")
    .description("Tell what happened to a memory, and to what it replaced and was replaced by.")
    .argument("<id>", "its id")
    .addHelpText("after", "\nExample:\n  $ mneme history 0197a0a0-0000-7000-8000-000000000000")
    .action(action(terminal, history));
}

async function history({ mneme, print, signal }: Context, _options: object, id: string): Promise<void> {
  const found = await mneme.memories.history(id, { signal });
  print.result(found, () => found.story.split("\n").map(print.clean).join("\n"));
  if (found.truncated) print.note("There is more than one answer holds.");
}
