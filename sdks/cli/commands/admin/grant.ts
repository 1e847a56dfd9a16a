import type { Granted, Grantee } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { UsageError } from "../../failure.ts";
import { parseDate, withLimit, withRequestId } from "../../options.ts";
import { grantFacts, grantTable } from "../../output/administration.ts";
import { listed } from "../../output/text.ts";
import type { Terminal } from "../../terminal.ts";

interface CreateCommandOptions {
  readonly user?: string;
  readonly agent?: string;
  readonly app?: string;
  readonly team?: string;
  readonly keyId?: string;
  readonly ofProject?: string;
  readonly ofTenant?: boolean;
  readonly write?: boolean;
  readonly until?: Date;
  readonly requestId?: string;
}

interface ListCommandOptions {
  readonly team?: string;
  readonly limit: number;
}

const EXAMPLES = `
Examples:
  $ mneme admin grant create sales --user ada --write --until 2026-12-31
  $ mneme admin grant create sales --team management
  $ mneme admin grant create sales --project ID
  $ mneme admin grant create --of-tenant --project ID
  $ mneme admin grant create --of-project ID --user ada
  $ mneme admin grant list --team sales`;

export function registerGrant(admin: Command, terminal: Terminal) {
  const group = admin
    .command("grant")
    .description("Who may reach which team's memory, or what is shared with a project or tenant.")
    .addHelpText("after", EXAMPLES);
  withRequestId(group.command("create").description("Let somebody reach a team; again: replace that grant."))
    .argument("[team]", "whose memory")
    .option("--of-project <id>", "instead of a team's: what is shared with this project")
    .option("--of-tenant", "instead of a team's: what is shared with the tenant")
    .option("-u, --user <id>", "calls that name this user, and this user's tokens")
    .option("--agent <id>", "calls that name this agent")
    .option("--app <id>", "calls that name this application")
    .option("--team <id>", "whoever reaches this team")
    .option("--key-id <id>", "all calls with this API key; --project ID: all calls of that project")
    .option("--write", "to add, change and delete as well as to read")
    .option("--until <date>", "when it ends; never if unset", parseDate)
    .action(action(terminal, create));
  withLimit(group.command("list").description("List grants, newest first."))
    .option("--team <id>", "only of this team's memory")
    .action(action(terminal, list));
  withRequestId(group.command("delete").description("Take a grant back."))
    .argument("<id>", "its id")
    .action(action(terminal, remove));
}

async function create(
  { mneme, print, global, signal }: Context,
  options: CreateCommandOptions,
  team: string | undefined,
): Promise<void> {
  const { write, until: expireTime, requestId } = options;
  const access = write ? "write" : "read";
  const grantee = granteeOf(options, global.project);
  const grant = await mneme.grants.create(grantedOf(options, team), grantee, {
    access,
    expireTime,
    requestId,
    signal,
  });
  print.result(grant, () => grantFacts(grant));
}

/** @throws UsageError unless exactly one is named. */
function grantedOf({ ofProject, ofTenant }: CreateCommandOptions, team: string | undefined): Granted {
  const named: Granted[] = [
    ...(team === undefined ? [] : [team]),
    ...(ofProject === undefined ? [] : [{ projectId: ofProject }]),
    ...(ofTenant ? [{ tenant: true as const }] : []),
  ];
  const [of] = named;
  if (of === undefined || named.length > 1)
    throw new UsageError("say whose memory: a team, --of-project or --of-tenant");
  return of;
}

/** @throws UsageError unless exactly one is named. */
function granteeOf(options: CreateCommandOptions, projectId: string | undefined): Grantee {
  const { user: userId, agent: agentId, app: appId, team: teamId, keyId: apiKeyId } = options;
  const members = { userId, agentId, appId, teamId, apiKeyId, projectId };
  const named = Object.entries(members).filter(([, id]) => id !== undefined);
  if (named.length !== 1)
    throw new UsageError("name exactly one: --user, --agent, --app, --team, --key-id or --project");
  return Object.fromEntries(named) as unknown as Grantee;
}

async function list({ mneme, print, signal }: Context, { team, limit }: ListCommandOptions): Promise<void> {
  const pages = mneme.grants.list({ teamId: team, pageSize: Math.min(limit, 250), signal });
  const grants = await pages.toArray(limit);
  print.result({ grants }, () => listed(grants, "grant", (rows) => grantTable(rows, print.width)));
}

async function remove(
  { mneme, print, signal }: Context,
  { requestId }: { readonly requestId?: string },
  id: string,
): Promise<void> {
  await mneme.grants.delete(id, { requestId, signal });
  print.result({ deleted: id }, () => "Taken back.");
}
