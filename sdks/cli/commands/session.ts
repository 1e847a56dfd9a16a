import type { JsonObject, Message, Role, SessionWindow } from "@mneme/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { isObject } from "../input/checked.ts";
import { parseMessages } from "../input/messages.ts";
import { readInput } from "../input/read.ts";
import {
  choice,
  parseCount,
  ROLES,
  type ScopeOptions,
  sessionOf,
  withRequestId,
  withScope,
} from "../options.ts";
import { scopeText } from "../output/memory.ts";
import { facts } from "../output/table.ts";
import { formatDate } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface AppendCommandOptions extends ScopeOptions {
  readonly file?: string;
  readonly role?: Role;
  readonly name?: string;
  readonly state?: JsonObject;
  readonly etag?: string;
  readonly ttl?: number;
  readonly requestId?: string;
}

const EXAMPLES = `
Examples:
  $ mneme session append --user ada --session call-7 "Book me a table" --state '{"step": "time"}'
  $ mneme session get --user ada --session call-7 --last 10
  $ mneme session end --user ada --session call-7`;

export function registerSession(program: Command, terminal: Terminal) {
  const group = program
    .command("session")
    .description("The window over a running conversation; nothing is extracted from it.")
    .addHelpText("after", EXAMPLES);
  withRequestId(withScope(group.command("append").description("Append turns, or replace the task's state.")))
    .argument("[text...]", "what was said; - reads messages from standard input")
    .option("-f, --file <file>", "turns as JSON or JSON Lines; - is standard input")
    .addOption(choice("--role <role>", "who says the text", ROLES))
    .option("--name <name>", "the speaker's name")
    .option("--state <json>", "the task's state", parseState)
    .option("--etag <etag>", "only over this state of the window")
    .option("--ttl <seconds>", "how long the window lives (24 hours)", parseCount)
    .action(action(terminal, append));
  withScope(group.command("get").description("Show the window."))
    .option("--last <turns>", "only the last so many turns", parseCount)
    .action(action(terminal, get));
  withRequestId(withScope(group.command("end").description("Clear the window; memories stay."))).action(
    action(terminal, end),
  );
}

async function append(
  context: Context,
  options: AppendCommandOptions,
  words: readonly string[],
): Promise<void> {
  const turns = await turnsOf(context, options, words);
  const { state: taskState, etag, ttl: ttlSeconds, requestId } = options;
  const session = sessionOf(context.mneme, options);
  if (turns.length === 0 && taskState === undefined)
    throw new UsageError("give a text, a --file or a --state");
  const window = await session.append(turns, {
    taskState,
    etag,
    ttlSeconds,
    requestId,
    signal: context.signal,
  });
  context.print.result(window, () => windowText(window));
}

async function turnsOf(
  { terminal }: Context,
  options: AppendCommandOptions,
  words: readonly string[],
): Promise<Message[]> {
  const file = options.file ?? (words.length === 1 && words[0] === "-" ? "-" : undefined);
  const { role, name } = options;
  if (file !== undefined) return parseMessages(await readInput(file, terminal), { role, name });
  return words.length === 0 ? [] : [{ text: words.join(" "), role, name }];
}

async function get(
  { mneme, print, signal }: Context,
  options: ScopeOptions & { readonly last?: number },
): Promise<void> {
  const window = await sessionOf(mneme, options).window({ lastTurns: options.last, signal });
  print.result(window, () => windowText(window));
}

async function end(
  { mneme, print, signal }: Context,
  options: ScopeOptions & { readonly requestId?: string },
): Promise<void> {
  await sessionOf(mneme, options).end({ requestId: options.requestId, signal });
  print.result({ ended: true }, () => "Ended.");
}

function windowText(window: SessionWindow): string {
  return facts([
    ["session", scopeText(window.scope)],
    ["turns", `${window.turns.length} here, ${window.turnCount} in all`],
    ...window.turns.map(
      (turn) => [formatDate(turn.sentAt) || "-", `${turn.name ?? turn.role}: ${turn.text}`] as const,
    ),
    ["state", JSON.stringify(window.taskState)],
    ["until", formatDate(window.expireTime)],
    ["etag", window.etag],
  ]);
}

function parseState(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value as JsonObject;
  } catch {
    // Said below: JSON's own message would quote the state.
  }
  throw new InvalidArgumentError("Expected a JSON object.");
}
