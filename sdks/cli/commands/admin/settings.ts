import type { Settings, SettingsPatch } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../../action.ts";
import { UsageError } from "../../failure.ts";
import { readInput } from "../../input/read.ts";
import { clearedSetting, parseSettings, SETTING_PATHS, setting } from "../../input/settings.ts";
import { withRequestId } from "../../options.ts";
import { settingFacts } from "../../output/administration.ts";
import type { Terminal } from "../../terminal.ts";

interface ChangeOptions {
  readonly etag?: string;
  readonly requestId?: string;
}

/** Settings of one level. */
interface Level {
  readonly level: "tenant" | "project";
  readonly id: string;
  readonly etag: string;
  /** What the level sets itself. */
  readonly settings: Settings;
  /** What holds, of a project. */
  readonly effectiveSettings?: Settings;
}

const HELP = `
Without --project: the tenant's, the defaults of all its projects. With --project ID: that project's own. A file holds
settings as 'get --json' prints them under "settings"; what it does not name stays, null leaves it to the next level.

What can be set:
  ${SETTING_PATHS.join("\n  ")}

Examples:
  $ mneme admin settings get --project ID
  $ mneme admin settings set ranking.recency exponential
  $ mneme admin settings set extraction.categories diet="What they eat" work
  $ mneme admin settings set --project ID -f settings.json
  $ mneme admin settings clear ranking.recency retention`;

export function registerSettings(admin: Command, terminal: Terminal) {
  const group = admin
    .command("settings")
    .description("How memories are read out, ranked and kept.")
    .addHelpText("after", HELP);
  group.command("get").description("Show what is set, and what holds.").action(action(terminal, get));
  changing(group.command("set").description("Set one, or those of a file."))
    .argument("[path]", "which, e.g. ranking.recency")
    .argument("[value...]", "to what; a list takes several")
    .option("-f, --file <file>", "settings as JSON; - is standard input")
    .action(action(terminal, set));
  changing(group.command("clear").description("Leave to the next level: the tenant's, then the product's."))
    .argument("<path...>", "which; a group such as ranking does as well")
    .action(action(terminal, clear));
}

function changing(command: Command): Command {
  return withRequestId(command).option("--etag <etag>", "only if this still is the level's etag");
}

async function get(context: Context): Promise<void> {
  show(context, await read(context));
}

async function set(
  context: Context,
  { file, ...options }: ChangeOptions & { readonly file?: string },
  path: string | undefined,
  values: readonly string[],
): Promise<void> {
  if ((file === undefined) === (path === undefined))
    throw new UsageError("say what to set: PATH VALUE, or --file FILE");
  const patch =
    file === undefined ? setting(path ?? "", values) : parseSettings(await readInput(file, context.terminal));
  show(context, await write(context, patch, options));
}

async function clear(context: Context, options: ChangeOptions, paths: readonly string[]): Promise<void> {
  show(context, await write(context, clearedSetting(paths), options));
}

async function read({ mneme, global, signal }: Context): Promise<Level> {
  if (global.project === undefined) return { level: "tenant", ...(await mneme.tenant.get({ signal })) };
  return { level: "project", ...(await mneme.projects.get(global.project, { signal })) };
}

async function write(context: Context, settings: SettingsPatch, options: ChangeOptions): Promise<Level> {
  const { mneme, global, signal } = context;
  const call = { ...options, signal };
  if (global.project === undefined)
    return { level: "tenant", ...(await mneme.tenant.update({ settings }, call)) };
  await mneme.projects.update(global.project, { settings }, call);
  return read(context);
}

function show({ print }: Context, { level, id, etag, settings, effectiveSettings }: Level): void {
  print.result({ level, id, etag, settings, ...(effectiveSettings && { effectiveSettings }) }, () =>
    settingFacts(settings, effectiveSettings),
  );
}
