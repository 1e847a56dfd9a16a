import type { Consolidation, ConsolidationCounts } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { type ScopeOptions, scopeOf, withLimit, withRequestId, withScope } from "../options.ts";
import { facts, table } from "../output/table.ts";
import { count, formatDate } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

const EXAMPLES = `
Summaries are made where consolidation.after_days is set: mneme admin settings set consolidation.after_days 60

Examples:
  $ mneme consolidation list --user ada
  $ mneme consolidation now --user ada
  $ mneme consolidation undo 0197a0a0-0000-7000-8000-000000000000`;

interface RequestOptions {
  readonly requestId?: string;
}

export function registerConsolidation(program: Command, terminal: Terminal) {
  const group = program
    .command("consolidation")
    .description("Summaries of what happened long ago.")
    .addHelpText("after", EXAMPLES);
  withLimit(withScope(group.command("list").description("Show what was summarised, newest first."))).action(
    action(terminal, list),
  );
  group
    .command("get <id>")
    .description("Show a summary's memory, and those that it tells.")
    .action(action(terminal, get));
  withRequestId(withScope(group.command("now").description("Summarise a scope at once."))).action(
    action(terminal, now),
  );
  withRequestId(group.command("undo <id>").description("Remove a summary, and bring back what it tells."))
    .option("--discard-changes", "also where the summary was changed since")
    .action(action(terminal, undo));
}

async function list(
  { mneme, print, signal }: Context,
  options: ScopeOptions & { readonly limit: number },
): Promise<void> {
  const { limit } = options;
  const { scope } = scopeOf(mneme, options);
  const pages = mneme.consolidations.list(scope, { pageSize: Math.min(limit, 250), signal });
  const consolidations = await pages.toArray(limit);
  print.result({ consolidations }, () =>
    consolidations.length === 0 ? "None." : table(COLUMNS, consolidations.map(row), print.width),
  );
}

const COLUMNS = [
  { head: "id", width: 38 },
  { head: "state", width: 8 },
  { head: "episodes", width: 10, right: true },
  { head: "made" },
];

function row({ id, state, episodeMemoryIds, createTime }: Consolidation): string[] {
  return [id, state ?? "", String(episodeMemoryIds.length), formatDate(createTime)];
}

async function get({ mneme, print, signal }: Context, _: unknown, id: string): Promise<void> {
  const consolidation = await mneme.consolidations.get(id, { signal });
  print.result({ consolidation }, () => consolidationFacts(consolidation));
}

async function now({ mneme, print, signal }: Context, options: ScopeOptions & RequestOptions): Promise<void> {
  const { scope } = scopeOf(mneme, options);
  let total = { episodes: 0, summaries: 0, archived: 0, changed: 0, withheld: 0 };
  let pageToken: string | undefined = "";
  // A call does so much and no more.
  for (let calls = 1; pageToken !== undefined; calls += 1) {
    const requestId = options.requestId && (calls > 1 ? `${options.requestId}/${calls}` : options.requestId);
    const {
      episodesLeft: _,
      nextPageToken,
      ...counts
    }: ConsolidationCounts = await mneme.consolidations.now(scope, { requestId, pageToken, signal });
    total = sumOf(total, counts);
    pageToken = nextPageToken;
  }
  print.result(total, () => {
    const { summaries, archived, episodes } = total;
    return `${count(summaries, "summary", "summaries")} of ${count(archived, "episode")}, of ${episodes} that are old enough.`;
  });
}

function sumOf<T extends Readonly<Record<string, number>>>(a: T, b: T): T {
  return Object.fromEntries(Object.entries(a).map(([name, n]) => [name, n + (b[name] ?? 0)])) as T;
}

async function undo(
  { mneme, print, signal }: Context,
  { discardChanges, requestId }: RequestOptions & { readonly discardChanges?: boolean },
  id: string,
): Promise<void> {
  const options = { discardChanges, requestId, signal };
  const { consolidation, freshnessToken } = await mneme.consolidations.undo(id, options);
  print.result({ consolidation, freshnessToken }, () => consolidationFacts(consolidation));
}

function consolidationFacts(one: Consolidation): string {
  const { id, state, summaryMemoryId, episodeMemoryIds, extractor, extractorVersion, createTime } = one;
  return facts([
    ["id", id],
    ["state", state],
    ["made", `${formatDate(createTime)} by ${extractor} ${extractorVersion}`],
    ["summary", state === "undone" ? undefined : summaryMemoryId],
    ["episodes", episodeMemoryIds.join("\n")],
  ]);
}
