import { readFile } from "node:fs/promises";
import type { Replay, ReplayChange, ReplaySettings } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import {
  choice,
  namedScope,
  parseCount,
  parseNumber,
  type ScopeOptions,
  withLimit,
  withRequestId,
  withScope,
} from "../options.ts";
import { differenceLines, replayFacts, replayTable } from "../output/replay.ts";
import type { Terminal } from "../terminal.ts";

interface StartOptions extends ScopeOptions {
  readonly extractor?: "embedded" | "model";
  readonly model?: string;
  readonly reconcileModel?: string;
  readonly instructions?: string;
  readonly instructionsFile?: string;
  readonly messagesPerCall?: number;
  readonly percent?: number;
  readonly maxStreams?: number;
  readonly seed?: number;
  readonly wait?: boolean;
  readonly requestId?: string;
}

interface EndOptions {
  readonly wait?: boolean;
  readonly requestId?: string;
}

const CHANGES = ["added", "removed", "changed"] as const;

const EXAMPLES = `
Nothing of what is known changes before a replay is promoted.

Examples:
  $ mneme replay start --extractor model --model small-model --percent 5 --wait
  $ mneme replay start --user ada --instructions-file house-rules.txt --wait
  $ mneme replay differences 0197a0a0-0000-7000-8000-000000000000 --change removed
  $ mneme replay promote 0197a0a0-0000-7000-8000-000000000000 --wait`;

export function registerReplay(program: Command, terminal: Terminal) {
  const group = program
    .command("replay")
    .description(
      "Read conversations again under another model, prompt or extractor; compare, promote or discard.",
    )
    .addHelpText("after", EXAMPLES);
  withRequestId(
    withScope(group.command("start").description("Read those of a scope, or of the whole project.")),
  )
    .addOption(choice("--extractor <kind>", "what reads", ["embedded", "model"] as const))
    .option("--model <name>", "the model that reads, of those that the deployment allows")
    .option("--reconcile-model <name>", "the model that decides what statements mean for what is known")
    .option("--instructions <text>", "told to the model beside its own prompt")
    .option("--instructions-file <file>", "the same, from a file")
    .option("--messages-per-call <count>", "new messages that a model reads in one call", parseCount)
    .option("--percent <share>", "only so many of a hundred people and shared scopes", parseNumber)
    .option("--max-streams <count>", "only so many", parseCount)
    .option("--seed <number>", "the same seed chooses the same ones", parseNumber)
    .option("--wait", "until all is read and compared")
    .action(action(terminal, start));
  group
    .command("show")
    .description("Show how far a replay is, and what it found.")
    .argument("<id>", "the replay's id")
    .option("--wait", "until nothing is done any more")
    .action(action(terminal, show));
  withLimit(group.command("list").description("Show replays, newest first.")).action(action(terminal, list));
  withLimit(group.command("differences").description("Show what a replay found otherwise than it is known."))
    .argument("<id>", "the replay's id")
    .addOption(choice("--change <change>", "only these", CHANGES))
    .action(action(terminal, differences));
  const ends = [
    ["promote", "Put what a replay found in the place of what is known."],
    ["resume", "Have a replay that failed go on where it was."],
    ["discard", "Give up a replay that is ready or failed."],
    ["cancel", "End a replay that is not ready yet."],
  ] as const;
  for (const [name, description] of ends) {
    withRequestId(group.command(name).description(description))
      .argument("<id>", "the replay's id")
      .option("--wait", "until it is done")
      .action(
        action(terminal, async (context: Context, { wait, requestId }: EndOptions, id: string) => {
          const { signal } = context;
          const replay = await context.mneme.replays[name](id, { requestId, signal });
          printReplay(context, wait ? await awaited(context, id) : replay);
        }),
      );
  }
}

async function start(context: Context, options: StartOptions): Promise<void> {
  const { percent, maxStreams, seed, requestId, wait } = options;
  const { signal } = context;
  const settings = await settingsOf(options);
  const sample = { percent, maxStreams, seed };
  const scope = namedScope(options);
  const replay = await context.mneme.replays.start({ scope, settings, sample, requestId, signal });
  printReplay(context, wait ? await awaited(context, replay.id) : replay);
}

async function settingsOf(options: StartOptions): Promise<ReplaySettings> {
  const { extractor, model: extractorModel, reconcileModel, messagesPerCall } = options;
  const { instructions: given, instructionsFile: file } = options;
  if (given !== undefined && file !== undefined)
    throw new UsageError("give --instructions or --instructions-file, not both");
  const instructions = file === undefined ? given : await textOf(file);
  return {
    ...(instructions !== undefined && { extraction: { instructions } }),
    models: { extractor, extractorModel, reconcileModel, messagesPerCall },
  };
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch {
    throw new UsageError(`${file} can't be read`);
  }
}

async function show(context: Context, { wait }: { readonly wait?: boolean }, id: string): Promise<void> {
  const { mneme, signal } = context;
  printReplay(context, wait ? await awaited(context, id) : await mneme.replays.get(id, { signal }));
}

function awaited({ mneme, signal }: Context, id: string): Promise<Replay> {
  return mneme.replays.wait(id, { signal });
}

function printReplay({ print }: Context, replay: Replay): void {
  print.result({ replay }, () => replayFacts(replay));
}

async function list({ mneme, print, signal }: Context, { limit }: { readonly limit: number }): Promise<void> {
  const replays = await mneme.replays.list({ pageSize: Math.min(limit, 250), signal }).toArray(limit);
  print.result({ replays }, () => (replays.length === 0 ? "None." : replayTable(replays, print.width)));
}

async function differences(
  { mneme, print, signal }: Context,
  { change, limit }: { readonly change?: Exclude<ReplayChange, "same">; readonly limit: number },
  id: string,
): Promise<void> {
  const pages = mneme.replays.differences(id, { change, pageSize: Math.min(limit, 250), signal });
  const found = await pages.toArray(limit);
  print.result({ differences: found }, () => (found.length === 0 ? "None." : differenceLines(found)));
}
