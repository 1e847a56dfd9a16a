import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { parseCount, parseNumber, scopeOf } from "../options.ts";
import { searchText } from "../output/search.ts";
import type { Terminal } from "../terminal.ts";
import { type ReadCommandOptions, readOptions, withReadOptions } from "./read-options.ts";

interface SearchCommandOptions extends ReadCommandOptions {
  readonly limit?: number;
  readonly minSimilarity?: number;
  readonly minScore?: number;
  readonly explain?: boolean;
}

const EXAMPLES = `
Examples:
  $ mneme search --user ada "Where does Ada live?"
  $ mneme search --user ada --agent guide --layer shared "When do we launch?"
  $ mneme search --user ada "cello" --limit 3 --budget 400 --explain
  $ mneme search --user ada "Where did she live?" --as-of 2025-06-01 --json`;

export function registerSearch(program: Command, terminal: Terminal) {
  withReadOptions(program.command("search").description("Find memories, best first."))
    .argument("<question...>", "what to find")
    .option("--limit <n>", "at most this many (10)", parseCount)
    .option("--min-similarity <cosine>", "only with at least this cosine, -1 to 1", parseNumber)
    .option("--min-score <score>", "only with at least this score", parseNumber)
    .option("--explain", "show what every score is made of, and the source")
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, search));
}

async function search(
  context: Context,
  options: SearchCommandOptions,
  words: readonly string[],
): Promise<void> {
  const { mneme, print, signal } = context;
  const { limit, minSimilarity, minScore } = options;
  const result = await scopeOf(mneme, options).search(words.join(" "), {
    ...readOptions(options, signal),
    limit,
    minSimilarity,
    minScore,
  });
  print.result(result, () => searchText(result, print.width, options.explain === true));
}
