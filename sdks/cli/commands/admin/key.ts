import type { KeyRole } from "@mneme/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { action, type Context } from "../../action.ts";
import { UsageError } from "../../failure.ts";
import { collectOf, KEY_ROLES, parseDate, parseNumber, withLimit, withRequestId } from "../../options.ts";
import { keyFacts, keyTable } from "../../output/administration.ts";
import { listed } from "../../output/text.ts";
import type { Terminal } from "../../terminal.ts";
import { type LimitOptions, limitsOf, withLimits } from "./limit-options.ts";
import { printMadeKey } from "./made-key.ts";

interface CreateCommandOptions extends LimitOptions {
  readonly role: readonly KeyRole[];
  readonly expires?: Date;
  readonly requestId?: string;
}

interface ListCommandOptions {
  readonly ended?: boolean;
  readonly limit: number;
}

interface RotateCommandOptions {
  readonly overlap?: number;
  readonly requestId?: string;
}

const EXAMPLES = `
Roles: reader; writer (reads, too); admin (writes, too, and administers); eraser (deletes, reads nothing of what was
said); auditor (reads the audit trail); operator (only by the operator's own key: --key-file). No key makes one that may
do more than itself: a tenant's first key is admin and auditor.

Examples:
  $ mneme admin key create dashboard --role reader --expires 2026-12-31
  $ mneme admin key create importer --role writer --role eraser --project ID
  $ mneme admin key rotate ID --overlap 48 > importer.key
  $ mneme admin key revoke ID --yes`;

export function registerKey(admin: Command, terminal: Terminal) {
  const group = admin
    .command("key")
    .description("API keys: their secrets are shown once, and kept as a hash.")
    .addHelpText("after", EXAMPLES);
  withRequestId(
    withLimits(group.command("create").description("Make a key (--project ID: of that project alone).")),
  )
    .argument("<name>", "for people")
    .requiredOption("--role <role>", `${KEY_ROLES.join(", ")} (repeatable)`, collectOf(KEY_ROLES))
    .option("--expires <date>", "when it stops working by itself; never if unset", parseDate)
    .action(action(terminal, create));
  withLimit(
    group.command("list").description("List keys, newest first (--project ID: of that project alone)."),
  )
    .option("--ended", "also those that were revoked or have expired")
    .action(action(terminal, list));
  group
    .command("get")
    .description("Show a key.")
    .argument("[id]", "its id; the key that you use if unset")
    .action(action(terminal, get));
  withRequestId(
    group.command("rotate").description("Make a key that may do the same; the old one works on for a while."),
  )
    .argument("[id]", "its id; the key that you use if unset")
    .option("--overlap <hours>", "how long, up to 720; 0 ends it at once; 24 if unset", parseHours)
    .action(action(terminal, rotate));
  withRequestId(
    group.command("revoke").description("End a key, and the user tokens that it minted, within a second."),
  )
    .argument("<id>", "its id")
    .option("--yes", "really")
    .action(action(terminal, revoke));
}

async function create(
  { mneme, print, global, signal }: Context,
  options: CreateCommandOptions,
  name: string,
): Promise<void> {
  const { role: roles, expires: expireTime, requestId } = options;
  const { project: projectId } = global;
  const limits = limitsOf(options);
  const made = await mneme.apiKeys.create(name, { roles, projectId, limits, expireTime, requestId, signal });
  printMadeKey({ print }, made, keyFacts(made.apiKey));
}

async function list({ mneme, print, global, signal }: Context, options: ListCommandOptions): Promise<void> {
  const { ended: showEnded, limit } = options;
  const { project: projectId } = global;
  const pages = mneme.apiKeys.list({ projectId, showEnded, pageSize: Math.min(limit, 250), signal });
  const apiKeys = await pages.toArray(limit);
  print.result({ apiKeys }, () => listed(apiKeys, "key", (rows) => keyTable(rows, print.width)));
}

async function get({ mneme, print, signal }: Context, _: object, id?: string): Promise<void> {
  const key = await mneme.apiKeys.get(id, { signal });
  print.result(key, () => keyFacts(key));
}

async function rotate(
  { mneme, print, signal }: Context,
  options: RotateCommandOptions,
  id?: string,
): Promise<void> {
  const { overlap: overlapSeconds, requestId } = options;
  const made = await mneme.apiKeys.rotate(id, { overlapSeconds, requestId, signal });
  printMadeKey({ print }, made, `${keyFacts(made.apiKey)}\n\nreplaces\n${keyFacts(made.replaced)}`);
}

async function revoke(
  { mneme, print, signal }: Context,
  { yes, requestId }: { readonly yes?: boolean; readonly requestId?: string },
  id: string,
): Promise<void> {
  if (yes !== true) throw new UsageError("a revoked key never works again; say --yes if you mean it");
  const key = await mneme.apiKeys.revoke(id, { requestId, signal });
  print.result(key, () => "Revoked.");
}

/** As seconds. */
function parseHours(text: string): number {
  const hours = parseNumber(text);
  if (hours >= 0) return Math.round(hours * 3_600);
  throw new InvalidArgumentError("Expected hours, at least 0.");
}
