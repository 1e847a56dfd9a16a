import type { AuditEvent } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { parseCount, parseDate } from "../options.ts";
import { auditLine, auditTable } from "../output/audit.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";
import { registerAuditVerify } from "./audit-verify.ts";

interface FilterOptions {
  readonly after?: Date;
  readonly before?: Date;
  readonly action?: string;
  readonly keyId?: string;
  readonly user?: string;
  readonly resource?: string;
  readonly code?: string;
}

interface ListCommandOptions extends FilterOptions {
  readonly limit: number;
  readonly all?: boolean;
}

interface StreamCommandOptions {
  readonly from?: number;
  readonly untilNow?: boolean;
}

const EXAMPLES = `
Examples:
  $ mneme audit list --user ada --after 2026-03-01
  $ mneme audit stream
  $ mneme audit verify
  $ mneme audit export > trail.jsonl
  $ mneme audit verify --offline trail.jsonl --jwks jwks.json`;

export function registerAudit(program: Command, terminal: Terminal) {
  const group = program
    .command("audit")
    .description("See who read or changed what, and verify that nobody changed that; for auditors.")
    .addHelpText("after", EXAMPLES);
  group
    .command("list")
    .description("List events, newest first.")
    .option("--after <date>", "at or after this time", parseDate)
    .option("--before <date>", "before this time", parseDate)
    .option("--action <name>", "this RPC, by its full name, or a service with a slash behind it")
    .option("--key-id <id>", "with this API key")
    .option("-u, --user <id>", "about this person")
    .option("--resource <id>", "that read or changed this")
    .option("--code <code>", "with this outcome: ok, not_found, permission_denied ...")
    .option("--limit <n>", "at most this many", parseCount, 50)
    .option("--all", "all of them, however many")
    .action(action(terminal, list));
  group
    .command("stream")
    .description("Show events as they come, oldest first.")
    .option("--from <n>", "from this place in the trail on", parseCount)
    .option("--until-now", "end at the trail's end")
    .action(action(terminal, stream));
  group
    .command("export")
    .description("Write the trail and its signed end as JSON Lines, to verify it elsewhere.")
    .option("--from <n>", "from this place in the trail on", parseCount)
    .action(action(terminal, exportTrail));
  registerAuditVerify(group, terminal);
}

async function list({ mneme, print, signal }: Context, options: ListCommandOptions): Promise<void> {
  const { keyId: apiKeyId, user: userId, resource: resourceId, all, limit, ...filter } = options;
  const most = all ? Number.POSITIVE_INFINITY : limit;
  const pages = mneme.audit.list({
    ...filter,
    apiKeyId,
    userId,
    resourceId,
    pageSize: Math.min(most, 250),
    signal,
  });
  if (all) {
    for await (const event of pages) print.event(event, () => auditLine(event));
    return;
  }
  const events = await pages.toArray(most);
  print.result({ events }, () => {
    if (events.length === 0) return "No events.";
    const more = events.length === most ? " (there may be more: --limit, --all)" : "";
    return `${auditTable(events, print.width)}\n${count(events.length, "event")}${more}`;
  });
}

async function stream({ mneme, print, signal }: Context, options: StreamCommandOptions): Promise<void> {
  const { from = 1, untilNow } = options;
  for await (const event of mneme.audit.stream({ afterSequence: from - 1, untilNow, signal })) {
    print.event(event, () => auditLine(event));
  }
}

/** The signed end first: what is read after it reaches at least as far. */
async function exportTrail({ mneme, terminal, signal }: Context, { from = 1 }: StreamCommandOptions) {
  const signedHead = await mneme.audit.signedHead({ signal });
  const write = (line: AuditEvent | { readonly signedHead: string }) =>
    terminal.stdout.write(`${JSON.stringify(line)}\n`);
  write({ signedHead });
  for await (const event of mneme.audit.stream({ afterSequence: from - 1, untilNow: true, signal }))
    write(event);
}
