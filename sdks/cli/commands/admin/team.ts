import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { UsageError } from "../../failure.ts";
import { withLimit, withRequestId } from "../../options.ts";
import { teamTable } from "../../output/administration.ts";
import { listed } from "../../output/text.ts";
import type { Terminal } from "../../terminal.ts";

interface ChangeOptions {
  readonly etag?: string;
  readonly requestId?: string;
}

const EXAMPLES = `
A team's memory is what is told with --team in the scope. It is reached only by whom a grant names.

Examples:
  $ mneme admin team create sales --name "Field sales"
  $ mneme admin grant create sales --user ada --write
  $ mneme add --user ada --team sales "The Lisbon tender closes on 12 May."`;

export function registerTeam(admin: Command, terminal: Terminal) {
  const group = admin
    .command("team")
    .description("Teams and departments with a memory of their own.")
    .addHelpText("after", EXAMPLES);
  withRequestId(group.command("create").description("Make a team; nobody reaches it yet."))
    .argument("<id>", "your own id, as it stands in scopes")
    .option("--name <name>", "for people; the id if unset")
    .action(action(terminal, create));
  withLimit(group.command("list").description("List teams, newest first.")).action(action(terminal, list));
  withRequestId(group.command("rename").description("Change its name; the id stays."))
    .argument("<id>", "its id")
    .argument("<name>", "the new name")
    .option("--etag <etag>", "only if this still is its etag")
    .action(action(terminal, rename));
  withRequestId(
    group.command("delete").description("Remove it with its grants; its memory stays, out of reach."),
  )
    .argument("<id>", "its id")
    .option("--yes", "really")
    .action(action(terminal, remove));
}

async function create(
  { mneme, print, signal }: Context,
  { name, requestId }: ChangeOptions & { readonly name?: string },
  id: string,
): Promise<void> {
  const team = await mneme.teams.create(id, { name, requestId, signal });
  print.result(
    team,
    () => `Made. Let somebody reach it: mneme admin grant create ${print.clean(id)} --user ID`,
  );
}

async function list({ mneme, print, signal }: Context, { limit }: { readonly limit: number }): Promise<void> {
  const teams = await mneme.teams.list({ pageSize: Math.min(limit, 250), signal }).toArray(limit);
  print.result({ teams }, () => listed(teams, "team", (rows) => teamTable(rows, print.width)));
}

async function rename(
  { mneme, print, signal }: Context,
  { etag, requestId }: ChangeOptions,
  id: string,
  name: string,
): Promise<void> {
  const team = await mneme.teams.rename(id, name, { etag, requestId, signal });
  print.result(team, () => "Renamed.");
}

async function remove(
  { mneme, print, signal }: Context,
  { yes, requestId }: ChangeOptions & { readonly yes?: boolean },
  id: string,
): Promise<void> {
  if (yes !== true) throw new UsageError("this takes back every grant of the team; say --yes if you mean it");
  await mneme.teams.delete(id, { requestId, signal });
  print.result(
    { deleted: id },
    () => "Deleted. What it knew stays, and is reached again once the team is made again.",
  );
}
