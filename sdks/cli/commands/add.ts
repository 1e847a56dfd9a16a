import {
  type AddResult,
  DeadlineExceededError,
  type Extraction,
  ExtractionFailedError,
  type Metadata,
  type Role,
  type WaitUntil,
} from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { inParts } from "../input/message-size.ts";
import { parseMessages } from "../input/messages.ts";
import { readInput } from "../input/read.ts";
import { parseStandardInput } from "../input/standard-input.ts";
import {
  choice,
  collectMetadata,
  parseDate,
  ROLES,
  type ScopeOptions,
  scopeOf,
  withRequestId,
  withScope,
} from "../options.ts";
import { countsText } from "../output/extraction.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface AddCommandOptions extends ScopeOptions {
  readonly file?: string;
  readonly plain?: boolean;
  readonly role?: Role;
  readonly name?: string;
  readonly at?: Date;
  readonly metadata?: Metadata;
  readonly infer: boolean;
  readonly bulk?: boolean;
  readonly wait?: boolean;
  readonly until: WaitUntil;
  readonly requestId?: string;
}

const EXAMPLES = `
Examples:
  $ mneme add --user ada --name Ada --at 2026-03-01 "I moved from Porto to Lisbon"
  $ mneme add --user ada --session s1 --file chat.json --wait
  $ echo "I moved from Porto to Lisbon" | mneme add --user ada --name Ada -
  $ generate-chat | mneme add --user ada -

Standard input (-) is one text, of one line or of many. What begins with {, [ or " is read as a file is, and refused
where it is not JSON throughout; --plain takes that for a text, too.

Both are UTF-8. A file is JSON (a list of messages) or JSON Lines; a message is
  {"role": "user", "name": "Ada", "text": "...", "sentAt": "2026-03-01T09:30:00Z"}
with a role of user, assistant, system or tool, and with toolCalls and toolCallId where there are some. --role, --name
and --at hold for messages that do not say it themselves. All is checked before anything is sent, in parts of at most
500 messages and 3 MiB.`;

export function registerAdd(program: Command, terminal: Terminal) {
  const command = program.command("add").description("Remember a text, or the messages of a file.");
  withRequestId(withScope(command))
    .argument("[text...]", "what was said; - reads it, or messages as JSON, from standard input")
    .option("-f, --file <file>", "messages as JSON or JSON Lines; - is standard input")
    .option("--plain", "standard input is one text, even where it looks like JSON")
    .addOption(choice("--role <role>", "who says the text", ROLES))
    .option("--name <name>", "the speaker's name")
    .option("--at <date>", "when it was said", parseDate)
    .option("-m, --metadata <name=value>", "attach a value (repeatable)", collectMetadata)
    .option("--no-infer", "store every text as one statement, unchanged; each at most 8 KiB")
    .option(
      "--bulk",
      "may be read within a day, for less where the project has batches: for imports and backfills",
    )
    .option("--wait", "wait until the memories can be found")
    .addOption(
      choice("--until <state>", "what --wait waits for", ["extracted", "searchable"]).default("searchable"),
    )
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, add));
}

async function add(context: Context, options: AddCommandOptions, words: readonly string[]): Promise<void> {
  const { mneme, print, signal } = context;
  const scope = scopeOf(mneme, options);
  const messages = await messagesOf(context, options, words);
  if (messages.length === 0) {
    throw new UsageError(`${options.file === undefined ? "standard input" : "the file"} holds no messages`);
  }
  const { infer, metadata } = options;
  const processing = options.bulk ? "bulk" : undefined;
  const waiting = waitsByItself(options) ? { waitFor: options.until, timeoutMs: timeoutOf(context) } : {};
  const results: AddResult[] = [];
  let from = 0;
  for (const part of inParts(messages)) {
    const requestId = partId(options.requestId, from);
    results.push(await scope.add(part, { infer, metadata, processing, requestId, signal, ...waiting }));
    from += part.length;
    if (from < messages.length || results.length > 1)
      print.progress(`${from} of ${messages.length} messages`);
  }
  print.progress("");
  const extractions = options.wait ? await wait(context, results, options) : undefined;
  print.result({ results, ...(extractions && { extractions }) }, () => {
    const ids = results.map(({ extractionId }) => extractionId).join(" ");
    const kept = `Kept ${count(messages.length, "message")} as extraction ${ids}.`;
    if (extractions === undefined)
      return `${kept}\nFollow it: mneme extraction watch ${results.at(-1)?.extractionId}`;
    return `${kept}\nMemories: ${countsText(...extractions) || "none"}.`;
  });
}

/** An id for every call of a command, the same when the command is repeated. */
function partId(requestId: string | undefined, from: number): string | undefined {
  return requestId === undefined || from === 0 ? requestId : `${requestId}:${from}`;
}

async function messagesOf({ terminal }: Context, options: AddCommandOptions, words: readonly string[]) {
  const { file, plain = false, role, name, at: sentAt } = options;
  const reading = { role, name, sentAt, asStatements: !options.infer };
  const piped = file === undefined && words.length === 1 && words[0] === "-";
  if (plain && !piped) throw new UsageError("--plain is about standard input: mneme add --plain -");
  if (piped) return parseStandardInput(await readInput("-", terminal), reading, plain);
  if (file === undefined) {
    if (words.length === 0) throw new UsageError("say what to remember: a text, - or --file FILE");
    return [{ text: words.join(" "), role, name, sentAt }];
  }
  if (words.length > 0) throw new UsageError("give a text or a file, not both");
  return parseMessages(await readInput(file, terminal), reading);
}

/** To look at a team's extraction afterwards names no user, whose grant it may be that reaches the team. */
function waitsByItself({ wait, team }: AddCommandOptions): boolean {
  return wait === true && team !== undefined;
}

async function wait(context: Context, results: readonly AddResult[], options: AddCommandOptions) {
  if (waitsByItself(options)) return results.map(reached);
  const { mneme, signal } = context;
  return mneme.waitFor(results, { until: options.until, signal, timeoutMs: timeoutOf(context) });
}

/** What an add has waited for. @throws what `mneme.waitFor` throws. */
function reached({ extraction, extractionId, waitExpired }: AddResult): Extraction {
  if (extraction?.state === "failed" || extraction?.state === "dropped")
    throw new ExtractionFailedError(extraction);
  if (extraction !== undefined && !waitExpired) return extraction;
  throw new DeadlineExceededError(`extraction ${extractionId} was not done in time; the work goes on`, {
    reason: "DEADLINE_EXCEEDED",
  });
}

const WAIT_SECONDS = 120;

function timeoutOf({ global }: Context): number {
  return (global.timeout ?? WAIT_SECONDS) * 1000;
}
