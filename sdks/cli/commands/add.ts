import type { AddResult, Metadata, Role, WaitUntil } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { inParts } from "../input/message-size.ts";
import { parseMessages } from "../input/messages.ts";
import { readInput } from "../input/read.ts";
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
  readonly role?: Role;
  readonly name?: string;
  readonly at?: Date;
  readonly metadata?: Metadata;
  readonly infer: boolean;
  readonly wait?: boolean;
  readonly until: WaitUntil;
  readonly requestId?: string;
}

const EXAMPLES = `
Examples:
  $ mneme add --user ada --name Ada --at 2026-03-01 "I moved from Porto to Lisbon"
  $ mneme add --user ada --session s1 --file chat.json --wait
  $ generate-chat | mneme add --user ada -

A file is JSON (a list of messages) or JSON Lines; a message is
  {"role": "user", "name": "Ada", "text": "...", "sentAt": "2026-03-01T09:30:00Z"}
with a role of user, assistant, system or tool, and with toolCalls and toolCallId where there are some. --role, --name
and --at hold for messages that do not say it themselves. All is checked before anything is sent, in parts of at most
500 messages and 3 MiB.`;

export function registerAdd(program: Command, terminal: Terminal) {
  const command = program.command("add").description("Remember a text, or the messages of a file.");
  withRequestId(withScope(command))
    .argument("[text...]", "what was said; - reads messages from standard input")
    .option("-f, --file <file>", "messages as JSON or JSON Lines; - is standard input")
    .addOption(choice("--role <role>", "who says the text", ROLES))
    .option("--name <name>", "the speaker's name")
    .option("--at <date>", "when it was said", parseDate)
    .option("-m, --metadata <name=value>", "attach a value (repeatable)", collectMetadata)
    .option("--no-infer", "store every text as one statement, unchanged; each at most 8 KiB")
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
  const { infer, metadata } = options;
  const results: AddResult[] = [];
  let from = 0;
  for (const part of inParts(messages)) {
    const requestId = partId(options.requestId, from);
    results.push(await scope.add(part, { infer, metadata, requestId, signal }));
    from += part.length;
    if (from < messages.length || results.length > 1)
      print.progress(`${from} of ${messages.length} messages`);
  }
  print.progress("");
  const extractions = options.wait ? await wait(context, results, options.until) : undefined;
  print.result({ results, ...(extractions && { extractions }) }, () => {
    const ids = results.map(({ extractionId }) => extractionId).join(" ");
    const kept = `Kept ${count(messages.length, "message")} as extraction ${ids}.`;
    if (extractions === undefined)
      return `${kept}\nFollow it: mneme extraction watch ${results.at(-1)?.extractionId}`;
    return `${kept}\nMemories: ${extractions.map(countsText).filter(Boolean).join("; ") || "none"}.`;
  });
}

/** An id for every call of a command, the same when the command is repeated. */
function partId(requestId: string | undefined, from: number): string | undefined {
  return requestId === undefined || from === 0 ? requestId : `${requestId}:${from}`;
}

async function messagesOf({ terminal }: Context, options: AddCommandOptions, words: readonly string[]) {
  const file = options.file ?? (words.length === 1 && words[0] === "-" ? "-" : undefined);
  const { role, name, at: sentAt } = options;
  if (file === undefined) {
    if (words.length === 0) throw new UsageError("say what to remember: a text, or --file FILE");
    return [{ text: words.join(" "), role, name, sentAt }];
  }
  if (options.file !== undefined && words.length > 0) throw new UsageError("give a text or a file, not both");
  const asStatements = !options.infer;
  const messages = parseMessages(await readInput(file, terminal), { role, name, sentAt, asStatements });
  if (messages.length === 0) throw new UsageError("the file holds no messages");
  return messages;
}

function wait({ mneme, signal, global }: Context, results: readonly AddResult[], until: WaitUntil) {
  return mneme.waitFor(results, {
    until,
    signal,
    ...(global.timeout === undefined ? {} : { timeoutMs: global.timeout * 1000 }),
  });
}
