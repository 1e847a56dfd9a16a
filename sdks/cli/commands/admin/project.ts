import type { ServedState } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { UsageError } from "../../failure.ts";
import { withLimit, withRequestId } from "../../options.ts";
import { limitFacts, projectFacts, projectTable } from "../../output/administration.ts";
import { listed } from "../../output/text.ts";
import type { Terminal } from "../../terminal.ts";
import { type LimitOptions, limitsOf, limitsPatchOf, withLimits } from "./limit-options.ts";

interface ChangeOptions {
  readonly etag?: string;
  readonly requestId?: string;
}

const EXAMPLES = `
Examples:
  $ mneme admin project create support --memories 50000
  $ mneme admin project list
  $ mneme --project ID search --user ada "Where does Ada live?"
  $ mneme admin project archive ID --yes`;

export function registerProject(admin: Command, terminal: Terminal) {
  const group = admin
    .command("project")
    .description("The tenant's parts, each with memories of its own.")
    .addHelpText("after", EXAMPLES);
  withRequestId(withLimits(group.command("create").description("Make a project.")))
    .argument("<name>", "for people; unique within the tenant")
    .action(action(terminal, create));
  withLimit(group.command("list").description("List projects, newest first.")).action(action(terminal, list));
  group
    .command("get")
    .description("Show a project.")
    .argument("[id]", "its id; that of the key if unset")
    .action(action(terminal, get));
  changing(group.command("rename").description("Change its name."))
    .argument("<name>", "the new one")
    .action(action(terminal, rename));
  changing(group.command("archive").description("Refuse its keys (SUSPENDED); everything is kept."))
    .option("--yes", "really")
    .action(action(terminal, archive));
  changing(group.command("restore").description("Serve an archived project again.")).action(
    action(terminal, restore),
  );
  changing(
    withLimits(group.command("limits").description("Show what it may use, or change that; none clears.")),
  ).action(action(terminal, limits));
}

function changing(command: Command): Command {
  return withRequestId(command)
    .argument("<id>", "its id")
    .option("--etag <etag>", "only if this still is its etag");
}

async function create(
  { mneme, print, signal }: Context,
  options: LimitOptions & ChangeOptions,
  name: string,
): Promise<void> {
  const { requestId } = options;
  const project = await mneme.projects.create(name, { limits: limitsOf(options), requestId, signal });
  print.result(project, () => projectFacts(project));
}

async function list({ mneme, print, signal }: Context, { limit }: { readonly limit: number }): Promise<void> {
  const pages = mneme.projects.list({ pageSize: Math.min(limit, 250), signal });
  const projects = await pages.toArray(limit);
  print.result({ projects }, () => listed(projects, "project", (rows) => projectTable(rows, print.width)));
}

async function get({ mneme, print, signal }: Context, _: object, id?: string): Promise<void> {
  const project = await mneme.projects.get(id, { signal });
  print.result(project, () => projectFacts(project));
}

async function rename(
  { mneme, print, signal }: Context,
  { etag, requestId }: ChangeOptions,
  id: string,
  name: string,
): Promise<void> {
  const project = await mneme.projects.update(id, { name }, { etag, requestId, signal });
  print.result(project, () => projectFacts(project));
}

async function archive(
  context: Context,
  options: ChangeOptions & { readonly yes?: boolean },
  id: string,
): Promise<void> {
  if (options.yes !== true) throw new UsageError("this refuses the project's keys; say --yes if you mean it");
  await serve(context, options, id, "suspended", `Archived. Undo it: mneme admin project restore ${id}`);
}

function restore(context: Context, options: ChangeOptions, id: string): Promise<void> {
  return serve(context, options, id, "active", "Served again.");
}

async function serve(
  { mneme, print, signal }: Context,
  { etag, requestId }: ChangeOptions,
  id: string,
  state: ServedState,
  said: string,
): Promise<void> {
  const project = await mneme.projects.update(id, { state }, { etag, requestId, signal });
  print.result(project, () => said);
}

async function limits(
  { mneme, print, signal }: Context,
  options: LimitOptions & ChangeOptions,
  id: string,
): Promise<void> {
  const { etag, requestId } = options;
  const patch = limitsPatchOf(options);
  const project = await (patch === undefined
    ? mneme.projects.get(id, { signal })
    : mneme.projects.update(id, { limits: patch }, { etag, requestId, signal }));
  print.result({ limits: project.limits }, () => limitFacts(project.limits));
}
