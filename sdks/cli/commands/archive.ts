import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { withRequestId } from "../options.ts";
import { memoryFacts } from "../output/memory.ts";
import type { Terminal } from "../terminal.ts";

interface ArchiveOptions {
  readonly etag?: string;
  readonly requestId?: string;
}

export function registerArchive(program: Command, terminal: Terminal) {
  withRequestId(
    program
      .command("archive")
      .description("Archive a memory: kept, and found by no search until it is told again."),
  )
    .argument("<id>", "its id")
    .option("--etag <etag>", "only if it still is this version")
    .addHelpText("after", "\nExample:\n  $ mneme archive 0197a0a0-0000-7000-8000-000000000000")
    .action(action(terminal, archive));
  withRequestId(program.command("unarchive").description("Bring a memory back from the archive."))
    .argument("<id>", "its id; mneme list --archived shows it")
    .option("--etag <etag>", "only if it still is this version")
    .addHelpText("after", "\nExample:\n  $ mneme unarchive 0197a0a0-0000-7000-8000-000000000000")
    .action(action(terminal, unarchive));
}

async function archive(
  { mneme, print, signal }: Context,
  options: ArchiveOptions,
  id: string,
): Promise<void> {
  const { memory, freshnessToken } = await mneme.memories.archive(id, { ...options, signal });
  print.result({ memory, freshnessToken }, () => memoryFacts(memory));
}

async function unarchive(
  { mneme, print, signal }: Context,
  options: ArchiveOptions,
  id: string,
): Promise<void> {
  const { memory, freshnessToken } = await mneme.memories.restore(id, { ...options, signal });
  print.result({ memory, freshnessToken }, () => memoryFacts(memory));
}
