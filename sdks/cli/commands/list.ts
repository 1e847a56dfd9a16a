import type { MemoryKind } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import {
  collect,
  collectOf,
  KINDS,
  parseDate,
  type ScopeOptions,
  scopeOf,
  type TimesOptions,
  withLimit,
  withScope,
  withTimes,
} from "../options.ts";
import { memoryTable } from "../output/memory.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface ListCommandOptions extends ScopeOptions, TimesOptions {
  readonly kind?: readonly MemoryKind[];
  readonly category?: readonly string[];
  readonly all?: boolean;
  readonly archived?: boolean;
  readonly reviewBefore?: Date;
  readonly limit: number;
}

const EXAMPLES = `
Examples:
  $ mneme list --user ada
  $ mneme list --user ada --session s1 --kind episodic --limit 200 --json
  $ mneme list --user ada --as-of 2026-04-01`;

export function registerList(program: Command, terminal: Terminal) {
  withTimes(withLimit(withScope(program.command("list").description("List memories, newest first."))))
    .option(
      "--kind <kind>",
      "only this kind: semantic, episodic or procedural (repeatable)",
      collectOf(KINDS),
    )
    .option("--category <name>", "only this category (repeatable)", collect)
    .option("--all", "replaced and ended ones too")
    .option("--archived", "archived ones too")
    .option("--review-before <date>", "only those to be reviewed before this time", parseDate)
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, list));
}

async function list({ mneme, print, signal }: Context, options: ListCommandOptions): Promise<void> {
  const pages = scopeOf(mneme, options).list({
    kinds: options.kind,
    categories: options.category,
    showSuperseded: options.all,
    showArchived: options.archived,
    reviewBefore: options.reviewBefore,
    asOf: options.asOf,
    knownAt: options.knownAt,
    pageSize: Math.min(options.limit, 250),
    signal,
  });
  const memories = await pages.toArray(options.limit);
  print.result({ memories }, () => {
    if (memories.length === 0) return "No memories.";
    const more = memories.length === options.limit ? " (there may be more: --limit)" : "";
    return `${memoryTable(memories, print.width)}\n${count(memories.length, "memory", "memories")}${more}`;
  });
}
