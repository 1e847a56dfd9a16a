import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import {
  collect,
  parseCount,
  type ScopeOptions,
  scopeOf,
  type TimesOptions,
  withScope,
  withTimes,
} from "../options.ts";
import { profileLeftOut, profileText } from "../output/profile.ts";
import { count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface ProfileCommandOptions extends ScopeOptions, TimesOptions {
  readonly category?: readonly string[];
  readonly lines?: number;
  readonly budget?: number;
  readonly model?: string;
  readonly fresh?: string;
  readonly explain?: boolean;
}

const EXAMPLES = `
Examples:
  $ mneme profile --user ada
  $ mneme profile --user ada --category family --category pets --explain
  $ mneme profile --user ada --as-of 2025-06-01 --json`;

export function registerProfile(program: Command, terminal: Terminal) {
  const command = program
    .command("profile")
    .description("Tell who a person is, line by line, each with its sources.");
  withTimes(withScope(command))
    .option("--category <name>", "only this category (repeatable)", collect)
    .option("--lines <n>", "at most this many lines (60)", parseCount)
    .option("--budget <tokens>", "at most this many tokens", parseCount)
    .option("--model <name>", "whose tokenizer counts: a model or an encoding (o200k_base)")
    .option("--fresh <token>", "wait until the write of this freshness token can be found")
    .option("--explain", "show what each line rests on")
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, showProfile));
}

async function showProfile(context: Context, options: ProfileCommandOptions): Promise<void> {
  const { mneme, print, signal } = context;
  const profile = await scopeOf(mneme, options).profile({
    categories: options.category,
    maxLines: options.lines,
    tokenBudget: options.budget,
    model: options.model,
    asOf: options.asOf,
    knownAt: options.knownAt,
    atLeastAsFresh: options.fresh,
    signal,
  });
  print.result(profile, () => profileText(profile, options.explain === true));
  const lines = profile.groups.reduce((sum, group) => sum + group.lines.length, 0);
  print.note(`${count(lines, "line")}, ${count(profile.tokens, "token")} of ${profile.tokenizer}`);
  const leftOut = profileLeftOut(profile);
  if (leftOut !== "") print.note(`left out: ${leftOut}`);
}
