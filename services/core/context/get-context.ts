import { selvesOf } from "../claims/tellers.ts";
import { awaitFreshness } from "../freshness/await-freshness.ts";
import { withoutOutdated } from "../profile/one-value.ts";
import type { ProfileStore } from "../profile/profile-store.ts";
import { mostRecent } from "../search/most-recent.ts";
import { type SearchDeps, type SearchOptions, searchMemories } from "../search/search-memories.ts";
import type { Degradation, SearchResult } from "../search/search-request.ts";
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
 * that a search finds, the last turns of the conversation, and where it is asked for what was said last of anything. Each line has its date and its citation, and nothing is
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
  const now = momentOf(command);
  if (atLeastAsFresh !== "") await awaitFreshness(deps, tenancy, atLeastAsFresh, deadline, signal);
  const lines = Math.ceil(tokenBudget / LEAST_LINE_TOKENS);
  const order = command.sections.map(({ section }) => section);
  const [tokenizer, found, newest, profile, turns] = await Promise.all([
    tokenizerOf(command.model),
    find(deps, tenancy, command, lines, signal),
    order.includes("recent") ? findNewest(deps, tenancy, command, signal) : NOTHING,
    order.includes("profile") ? readProfile(deps, tenancy, command, lines, signal) : [],
    order.includes("turns") ? recentTurns(deps, tenancy, { ...command, ...command.filter }, signal) : [],
  ]);
  const { count } = tokenizer;
  const ranked = together(found.hits.map((hit) => foundItem(hit, now)));
  const recent = together(newest.hits.map((hit) => foundItem(hit, now, "recent")));
  const candidates = bySection([...profile, ...ranked, ...turns, ...recent]);
  const filled = fillSections({ wishes: command.sections, candidates, ranked, tokenBudget, count });
  const { block, dropped } = writeBlock(filled.items, order, tokenBudget, count);
  const told = new Set(
    filled.items.slice(0, filled.items.length - dropped.length).flatMap((item) => item.memoryIds),
  );
  return {
    ...block,
    tokenizer: tokenizer.name,
    ...leftOutOf(found, ranked, filled.leftOut, dropped, told),
    used: usedOf([found, newest], told),
    degraded: degradedOf([found, newest]),
    time: found.time,
    timings: found.timings ?? newest.timings,
  };
}

function bySection(items: readonly ContextItem[]): Candidates {
  const groups = Map.groupBy(items, ({ section }) => section);
  const entries = CONTEXT_SECTIONS.map((section) => [section, groups.get(section) ?? []] as const);
  return Object.fromEntries(entries) as Record<ContextSectionName, ContextItem[]>;
}

/** Of a search that told its memories, in whatever section, each once. */
function usedOf(searches: readonly Found[], told: ReadonlySet<string>): string[] {
  const ids = searches.flatMap(({ hits }) => hits.map(({ memory }) => memory.id));
  return [...new Set(ids.filter((id) => told.has(id)))];
}

/** What both lack is said once. */
function degradedOf(searches: readonly Found[]): Degradation[] {
  const all = searches.flatMap(({ degraded }) => degraded);
  return [...new Map(all.map((one) => [`${one.part}/${one.effect}`, one])).values()];
}

type Found = Pick<SearchResult, "hits" | "leftOut" | "degraded" | "time"> &
  Partial<Pick<SearchResult, "timings">>;
/** Sources' texts are not sent. */
const WITHOUT_SOURCES: SearchOptions = { bytesOf: ({ text }) => Buffer.byteLength(text) };
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
    WITHOUT_SOURCES,
  );
}

/** What was said last, whatever the query. */
function findNewest(
  deps: SearchDeps,
  tenancy: Tenancy,
  command: ContextCommand,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const scope = command.allSessions ? withoutSession(command.scope) : command.scope;
  const unbounded = { tokenBudget: Number.POSITIVE_INFINITY, atLeastAsFresh: "" };
  const asked = { ...command, ...unbounded, scope, limit: command.mostRecent };
  return mostRecent(deps, tenancy, asked, signal, WITHOUT_SOURCES);
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
  const now = momentOf({ asOf, knownAt });
  return profileItems(withoutOutdated(memories, selvesOf(participants), now), filter, now);
}

/** What is asked about. */
function momentOf({ asOf, knownAt }: Pick<ContextCommand, "asOf" | "knownAt">): Date {
  return asOf ?? knownAt ?? new Date();
}
