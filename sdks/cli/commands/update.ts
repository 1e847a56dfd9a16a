import type { MemoryKind, MemoryPatch, Metadata } from "@mneme/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { action, type Context } from "../action.ts";
import {
  choice,
  collectMetadata,
  KINDS,
  parseDate,
  parseDateOrNone,
  parseNumber,
  withRequestId,
} from "../options.ts";
import { memoryFacts } from "../output/memory.ts";
import type { Terminal } from "../terminal.ts";

interface UpdateCommandOptions {
  readonly text?: string;
  readonly kind?: MemoryKind;
  readonly category?: string;
  readonly confidence?: number;
  readonly importance?: number;
  readonly metadata?: Metadata;
  readonly validFrom?: Date;
  readonly validTo?: Date | "none";
  readonly expires?: Date | "none";
  readonly review?: Date | "none";
  readonly etag?: string;
  readonly requestId?: string;
}

const EXAMPLES = `
Examples:
  $ mneme update ID --text "Ada lives in Lisbon" --importance 0.9
  $ mneme update ID --expires none --etag ETAG`;

export function registerUpdate(program: Command, terminal: Terminal) {
  withRequestId(
    program.command("update").description("Change a memory; the old version stays in its history."),
  )
    .argument("<id>", "its id")
    .option("--text <text>", "the statement")
    .addOption(choice("--kind <kind>", "what sort of statement", KINDS))
    .option("--category <name>", "its category")
    .option("--confidence <n>", "0 to 1", parseNumber)
    .option("--importance <n>", "0 to 1", parseNumber)
    .option("-m, --metadata <name=value>", "replace the metadata (repeatable)", collectMetadata)
    .option("--valid-from <date>", "since when it is so", parseStart)
    .option("--valid-to <date>", "until when it was so; none leaves it open", parseDateOrNone)
    .option("--expires <date>", "no longer returned after this; none clears it", parseDateOrNone)
    .option("--review <date>", "look at it again then; none clears it", parseDateOrNone)
    .option("--etag <etag>", "only if it still is this version")
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, update));
}

async function update(
  { mneme, print, signal }: Context,
  options: UpdateCommandOptions,
  id: string,
): Promise<void> {
  const { etag, requestId, expires: expireTime, review: reviewTime, validFrom, validTo, ...fields } = options;
  const dates = { expireTime, reviewTime, validFrom, validTo };
  const patch = { ...fields, ...given(dates) } as MemoryPatch;
  const result = await mneme.memories.update(id, patch, { etag, requestId, signal });
  print.result(result, () => memoryFacts(result.memory));
}

function parseStart(text: string): Date {
  if (text === "none") throw new InvalidArgumentError("A memory always holds since some time: give a date.");
  return parseDate(text);
}

/** The dates that were given, with null for those to clear. */
function given(dates: Record<string, Date | "none" | undefined>): Record<string, Date | null> {
  return Object.fromEntries(
    Object.entries(dates).flatMap(([name, date]) => (date ? [[name, date === "none" ? null : date]] : [])),
  );
}
