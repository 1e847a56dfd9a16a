import { selvesOf } from "../extraction/claims/tellers.ts";
import { awaitFreshness } from "../freshness/await-freshness.ts";
import { withoutOutdated } from "../profile/one-value.ts";
import type { ProfileStore } from "../profile/profile-store.ts";
import { type SearchDeps, searchMemories } from "../search/search-memories.ts";
import type { SearchResult } from "../search/search-request.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import { tokenizerOf } from "../tokens/tokenizer.ts";
import type { ContextItem } from "./context-item.ts";
import type { ContextCommand, PromptContext } from "./context-request.ts";
import { type Candidates, fillSections } from "./fill-sections.ts";
import { leftOutOf } from "./left-out.ts";
import { type RecentTurnsDeps, recentTurns } from "./recent-turns.ts";
import { CONTEXT_SECTIONS, type ContextSectionName, kindsOf } from "./sections.ts";
import { foundItem, profileItems, together } from "./statements.ts";
import { writeBlock } from "./write-block.ts";

export interface ContextDeps extends SearchDeps, RecentTurnsDeps {
  readonly profiles: ProfileStore;
}

/** Shorter lines hardly exist: date, citation and bullet alone take ten tokens. */
const LEAST_LINE_TOKENS = 15;
const MOST_FOUND = 100;
const MOST_OF_PROFILE = 200;
/** Memories read for each line that there is room for: sections share the budget, and some say what others say. */
const SPARE = 2;

/**
 * Writes what is known about a query as a block for a prompt, in sections: who it is about, facts, events and procedures
 * that a search finds, and the last turns of the conversation. Each line has its date and its citation, and nothing is
 * told twice.
 *
 * @throws MnemeError as `searchMemories`.
 */
export async function getContext(
  deps: ContextDeps,
  tenancy: Tenancy,
  command: ContextCommand,
  signal?: AbortSignal,
): Promise<PromptContext> {
  const { tokenBudget, atLeastAsFresh, deadline } = command;
  if (atLeastAsFresh !== "") await awaitFreshness(deps, tenancy, atLeastAsFresh, deadline, signal);
  const lines = Math.ceil(tokenBudget / LEAST_LINE_TOKENS);
  const order = command.sections.map(({ section }) => section);
  const [tokenizer, found, profile, turns] = await Promise.all([
    tokenizerOf(command.model),
    find(deps, tenancy, command, lines, signal),
    order.includes("profile") ? readProfile(deps, tenancy, command, lines, signal) : [],
    order.includes("turns") ? recentTurns(deps, tenancy, { ...command, ...command.filter }, signal) : [],
  ]);
  const { count } = tokenizer;
  const ranked = together(found.hits.map(foundItem));
  const candidates = bySection([...profile, ...ranked, ...turns]);
  const filled = fillSections({ wishes: command.sections, candidates, ranked, tokenBudget, count });
  const { block, dropped } = writeBlock(filled.items, order, tokenBudget, count);
  const told = new Set(
    filled.items.slice(0, filled.items.length - dropped.length).flatMap((item) => item.memoryIds),
  );
  return {
    ...block,
    tokenizer: tokenizer.name,
    ...leftOutOf(found, ranked, filled.leftOut, dropped, told),
    used: found.hits.flatMap(({ memory }) => (told.has(memory.id) ? [memory.id] : [])),
    degraded: found.degraded,
    time: found.time,
    timings: found.timings,
  };
}

function bySection(items: readonly ContextItem[]): Candidates {
  const groups = Map.groupBy(items, ({ section }) => section);
  const entries = CONTEXT_SECTIONS.map((section) => [section, groups.get(section) ?? []] as const);
  return Object.fromEntries(entries) as Record<ContextSectionName, ContextItem[]>;
}

type Found = Pick<SearchResult, "hits" | "leftOut" | "degraded" | "time"> &
  Partial<Pick<SearchResult, "timings">>;
const NOTHING: Found = { hits: [], leftOut: [], degraded: [], time: undefined };

/** What a search finds of the kinds that the sections hold. */
async function find(
  deps: SearchDeps,
  tenancy: Tenancy,
  command: ContextCommand,
  lines: number,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const { filter, allSessions } = command;
  const wanted = kindsOf(command.sections);
  const kinds = filter.kinds?.length ? wanted.filter((kind) => filter.kinds?.includes(kind)) : wanted;
  if (kinds.length === 0) return NOTHING;
  return searchMemories(
    deps,
    tenancy,
    {
      ...command,
      scope: allSessions ? withoutSession(command.scope) : command.scope,
      filter: { ...filter, kinds: kinds.length === 3 ? [] : kinds },
      limit: Math.min(MOST_FOUND, Math.max(10, lines * SPARE)),
      // Sections share the budget once it is known what there is.
      tokenBudget: Number.POSITIVE_INFINITY,
      atLeastAsFresh: "",
    },
    signal,
    // Sources' texts are not sent.
    { bytesOf: ({ text }) => Buffer.byteLength(text) },
  );
}

/** A session alone is a scope too. */
function withoutSession({ sessionId, ...scope }: Scope): Scope {
  return Object.keys(scope).length > 0 || sessionId === undefined ? scope : { sessionId };
}

/** Of a scope without a person there is none. */
async function readProfile(
  { profiles }: Pick<ContextDeps, "profiles">,
  tenancy: Tenancy,
  { scope, filter, asOf, knownAt }: ContextCommand,
  lines: number,
  signal: AbortSignal | undefined,
): Promise<ContextItem[]> {
  if (!scope.userId) return [];
  const limit = Math.min(MOST_OF_PROFILE, Math.max(20, lines * SPARE));
  const reading = {
    scope,
    kinds: filter.kinds ?? [],
    categories: filter.categories ?? [],
    asOf,
    knownAt,
    limit,
  };
  const { memories, participants } = await profiles.read(tenancy, reading, signal);
  const current = withoutOutdated(memories, selvesOf(participants));
  return profileItems(current, filter, asOf ?? knownAt ?? new Date());
}
