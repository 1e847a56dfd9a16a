import type { MostRecentOptions, ReadOptions } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import { UsageError } from "../failure.ts";
import { parseCount, parseNumber, scopeOf } from "../options.ts";
import { searchText } from "../output/search.ts";
import type { Terminal } from "../terminal.ts";
import { type ReadCommandOptions, readOptions, withReadOptions } from "./read-options.ts";

interface SearchCommandOptions extends ReadCommandOptions {
  readonly limit?: number;
  readonly mostRecent?: number;
  readonly minSimilarity?: number;
  readonly minScore?: number;
  readonly explain?: boolean;
}

const EXAMPLES = `
Examples:
  $ mneme search --user ada "Where does Ada live?"
  $ mneme search --user ada --agent guide --layer shared "When do we launch?"
  $ mneme search --user ada "cello" --limit 3 --budget 400 --explain
  $ mneme search --user ada --most-recent 5
  $ mneme search --user ada "Where did she live?" --as-of 2025-06-01 --json`;

export function registerSearch(program: Command, terminal: Terminal) {
  withReadOptions(program.command("search").description("Find memories, best first, or those said last."))
    .argument("[question...]", "what to find; none with --most-recent")
    .option("--limit <n>", "at most this many (10)", parseCount)
    .option(
      "--most-recent <n>",
      "instead of a question: so many that were said last, newest first",
      parseCount,
    )
    .option("--min-similarity <cosine>", "only with at least this cosine, -1 to 1", parseNumber)
    .option("--min-score <score>", "only with at least this score", parseNumber)
    .option("--explain", "show what every score is made of, and the source")
    .addHelpText("after", EXAMPLES)
    .action(action(terminal, search));
}

/** Of what was said last nothing is ranked. */
function unranked(
  { ranking, ...asked }: ReadOptions,
  { limit, minSimilarity, minScore }: SearchCommandOptions,
  words: readonly string[],
): MostRecentOptions {
  const ranked = [limit, minSimilarity, minScore, ...Object.values(ranking ?? {})];
  if (words.length > 0 || ranked.some((value) => value !== undefined)) {
    throw new UsageError(
      "--most-recent takes no question, --limit, --min-similarity, --min-score or ranking",
    );
  }
  return asked;
}

async function search(
  context: Context,
  options: SearchCommandOptions,
  words: readonly string[],
): Promise<void> {
  const { mneme, print, signal } = context;
  const { limit, minSimilarity, minScore, mostRecent } = options;
  if (words.length === 0 && mostRecent === undefined) {
    throw new UsageError("missing required argument 'question': or ask for --most-recent");
  }
  const scope = scopeOf(mneme, options);
  const asked = readOptions(options, signal);
  const result =
    mostRecent === undefined
      ? await scope.search(words.join(" "), { ...asked, limit, minSimilarity, minScore })
      : await scope.mostRecent(mostRecent, unranked(asked, options, words));
  print.result(result, () => searchText(result, print.width, options.explain === true));
}
