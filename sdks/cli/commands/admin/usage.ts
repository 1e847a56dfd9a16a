import { type Command, Option } from "commander";
import { action, type Context } from "../../action.ts";
import { withLimit } from "../../options.ts";
import { listed } from "../../output/text.ts";
import { budgetFacts, usageTable } from "../../output/usage.ts";
import type { Terminal } from "../../terminal.ts";

interface ListOptions {
  readonly from?: string;
  readonly to?: string;
  readonly by?: "day" | "month";
  readonly limit: number;
}

const EXAMPLES = `
What models cost is told by the deployment's table of prices; tokens without a price are told apart. With --project ID:
that project's alone.

Examples:
  $ mneme admin usage list --from 2026-01-01
  $ mneme admin usage list --by day --project ID
  $ mneme admin usage budget
  $ mneme admin settings set budget.monthly_microdollars 50000000
  $ mneme admin settings set budget.when_spent embedded`;

export function registerUsage(admin: Command, terminal: Terminal) {
  const group = admin
    .command("usage")
    .description("What models took and cost, and how far budgets are spent.")
    .addHelpText("after", EXAMPLES);
  withLimit(
    group.command("list").description("List calls, tokens and cost by period, project, model and purpose."),
  )
    .option("--from <day>", "first day, UTC; the first of this month if unset")
    .option("--to <day>", "last day; today if unset")
    .addOption(new Option("--by <period>", "how to sum").choices(["day", "month"]).default("month"))
    .action(action(terminal, list));
  group
    .command("budget")
    .description("Show this month's budgets, and how many people wait for one.")
    .action(action(terminal, budget));
}

async function list({ mneme, global, print, signal }: Context, options: ListOptions): Promise<void> {
  const { from, to, by, limit } = options;
  const pageSize = Math.min(limit, 250);
  const pages = mneme.usage.list({ from, to, by, projectId: global.project, pageSize, signal });
  const usage = await pages.toArray(limit);
  print.result({ usage }, () => listed(usage, "usage", (rows) => usageTable(rows, print.width)));
}

async function budget({ mneme, global, print, signal }: Context): Promise<void> {
  const budgets = await mneme.usage.budget(global.project, { signal });
  print.result(budgets, () => budgetFacts(budgets));
}
