import type { MemoryKind, Metadata, ReadOptions, Recency, Recipe, SharedLayer } from "@mneme/sdk";
import type { Command } from "commander";
import {
  choice,
  collect,
  collectMetadata,
  collectOf,
  KINDS,
  parseCount,
  parseDate,
  RECENCIES,
  RECIPES,
  type ScopeOptions,
  SHARED_LAYERS,
  type TimesOptions,
  withScope,
  withTimes,
} from "../options.ts";

/** What `search` and `context` have in common. */
export interface ReadCommandOptions extends ScopeOptions, TimesOptions {
  readonly layer?: readonly SharedLayer[];
  readonly budget?: number;
  readonly recipe?: Recipe;
  readonly recency?: Recency;
  readonly rerank?: boolean;
  readonly kind?: readonly MemoryKind[];
  readonly category?: readonly string[];
  readonly metadata?: Metadata;
  readonly saidAfter?: Date;
  readonly saidBefore?: Date;
  readonly fresh?: string;
}

/** Adds them. */
export function withReadOptions(command: Command): Command {
  return withTimes(withScope(command))
    .option(
      "--layer <name>",
      "take this shared layer along: agent, app, team, project, tenant, or shared for all (repeatable)",
      collectOf(SHARED_LAYERS),
    )
    .option("--budget <tokens>", "at most this many tokens; of a context at least 50 (200)", parseCount)
    .addOption(choice("--recipe <name>", "how to rank", RECIPES))
    .addOption(choice("--recency <name>", "how age lowers a score", RECENCIES))
    .option("--rerank", "let the deployment's reranker order the best anew")
    .option("--no-rerank", "do not, whatever the project sets")
    .option(
      "--kind <kind>",
      "only this kind: semantic, episodic or procedural (repeatable)",
      collectOf(KINDS),
    )
    .option("--category <name>", "only this category (repeatable)", collect)
    .option("-m, --metadata <name=value>", "only with this value (repeatable)", collectMetadata)
    .option("--said-after <date>", "only what was said at or after this time", parseDate)
    .option("--said-before <date>", "only what was said before this time", parseDate)
    .option("--fresh <token>", "wait until the write of this freshness token can be found");
}

/** As the SDK takes them. */
export function readOptions(options: ReadCommandOptions, signal: AbortSignal): ReadOptions {
  const { budget, kind, category, metadata, saidAfter, saidBefore, recipe, recency, rerank } = options;
  return {
    layers: options.layer,
    tokenBudget: budget,
    filter: { kinds: kind, categories: category, metadata, saidAfter, saidBefore },
    ranking: { recipe, recency, rerank },
    asOf: options.asOf,
    knownAt: options.knownAt,
    atLeastAsFresh: options.fresh,
    signal,
  };
}
