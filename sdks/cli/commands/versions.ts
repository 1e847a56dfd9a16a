import type { Memory } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { parseDate, withLimit } from "../options.ts";
import { table } from "../output/table.ts";
import { clean, formatDate } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface VersionsCommandOptions {
  readonly knownAt?: Date;
  readonly limit: number;
}

export function registerVersions(program: Command, terminal: Terminal) {
  withLimit(
    program.command("versions").description("Show what was known of a memory, and when, newest first."),
  )
    .argument("<id>", "its id")
    .option("--known-at <date>", "only what was known at this time", parseDate)
    .addHelpText(
      "after",
      "\nExample:\n  $ mneme versions 0197a0a0-0000-7000-8000-000000000000 --known-at 2026-01-01",
    )
    .action(action(terminal, versions));
}

async function versions(
  { mneme, print, signal }: Context,
  options: VersionsCommandOptions,
  id: string,
): Promise<void> {
  const { knownAt, limit } = options;
  const found = await mneme.memories
    .versions(id, { knownAt, pageSize: Math.min(limit, 250), signal })
    .toArray(limit);
  print.result({ versions: found }, () => {
    if (found.length === 0) return nothingKnown(knownAt);
    return table(
      [
        { head: "version", width: 9, right: true },
        { head: "outcome", width: 11 },
        { head: "memory" },
        { head: "known", width: 26 },
      ],
      found.map((memory) => [
        String(memory.version),
        memory.outcome ?? "",
        clean(memory.text),
        known(memory),
      ]),
      print.width,
    );
  });
}

/** A memory that exists has versions, but none before its first. */
function nothingKnown(knownAt: Date | undefined): string {
  return `Nothing was known of it yet at ${formatDate(knownAt)} (UTC).`;
}

function known({ recordedFrom, recordedTo }: Memory): string {
  return [formatDate(recordedFrom), recordedTo && `to ${formatDate(recordedTo)}`].filter(Boolean).join(" ");
}
