import { selvesOf } from "../claims/tellers.ts";
import { invalidField } from "../errors.ts";
import { awaitFreshness, type FreshnessDeps } from "../freshness/await-freshness.ts";
import type { MemoryTimes } from "../memory/times.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";
import { type Tokenizer, tokenizerOf } from "../tokens/tokenizer.ts";
import { profileLines } from "./build-profile.ts";
import { withoutOutdated } from "./one-value.ts";
import { PROFILE_GROUPS, type ProfileGroup, type ProfileLine } from "./profile.ts";
import type { ProfileStore } from "./profile-store.ts";

export interface ProfileDeps extends FreshnessDeps {
  readonly profiles: ProfileStore;
}

export interface ProfileCommand extends MemoryTimes {
  readonly scope: Scope;
  /** Only these categories; any if empty. */
  readonly categories: readonly string[];
  /** 1..200. */
  readonly maxLines: number;
  /** Tokens of all lines' texts; undefined does not bound them. */
  readonly tokenBudget: number | undefined;
  /** As `tokenizerOf`. */
  readonly model: string;
  /** A freshness token; empty waits for nothing. */
  readonly atLeastAsFresh: string;
  readonly deadline?: Date | undefined;
}

export interface Profile {
  /** Those that have lines, in the order of `PROFILE_GROUPS`. */
  readonly groups: readonly ProfileGroup[];
  /** Of all lines' texts, a line break each. */
  readonly tokens: number;
  /** As `Tokenizer.name`. */
  readonly tokenizer: string;
  readonly leftOut: ProfileLeftOut;
}

/** How much there is that the profile does not tell, and why. */
export interface ProfileLeftOut {
  /** Lines beyond the most that were asked for. */
  readonly limit: number;
  /** Lines beyond the token budget. */
  readonly budget: number;
  /** Memories of which a newer one tells otherwise, as `withoutOutdated` finds them. */
  readonly outdated: number;
  /** Memories that were not looked at: others of their category matter more. */
  readonly notRead: number;
}

/** Memories read for each line that is wanted: some say the same. */
const SPARE = 2;
const MOST_READ = 400;

/**
 * What is known of a person, line by line, built anew from the record.
 *
 * @throws MnemeError FIELD_INVALID without a user, FRESHNESS_TOKEN_INVALID, FRESHNESS_TIMEOUT, DEPENDENCY_UNAVAILABLE.
 */
export async function getProfile(
  deps: ProfileDeps,
  tenancy: Tenancy,
  command: ProfileCommand,
  signal?: AbortSignal,
): Promise<Profile> {
  const { scope, categories, maxLines, asOf, knownAt } = command;
  if (!scope.userId) throw invalidField("scope.user_id", "is required: a profile is a person's");
  if (command.atLeastAsFresh !== "") {
    await awaitFreshness(deps, tenancy, command.atLeastAsFresh, command.deadline, signal);
  }
  const reading = {
    scope,
    kinds: [],
    categories,
    asOf,
    knownAt,
    limit: Math.min(MOST_READ, maxLines * SPARE),
  };
  const [tokenizer, { memories, participants, total }] = await Promise.all([
    tokenizerOf(command.model),
    deps.profiles.read(tenancy, reading, signal),
  ]);
  const now = asOf ?? knownAt ?? new Date();
  const told = withoutOutdated(memories, selvesOf(participants), now);
  const lines = profileLines(told, now);
  const within = lines.slice(0, maxLines);
  const { kept, tokens } = fit(within, command.tokenBudget, tokenizer);
  return {
    groups: inGroups(kept),
    tokens,
    tokenizer: tokenizer.name,
    leftOut: {
      limit: lines.length - within.length,
      budget: within.length - kept.length,
      outdated: memories.length - told.length,
      notRead: total - memories.length,
    },
  };
}

/** Lines from the best on while they fit; a long one is passed over for those behind it. */
function fit(lines: readonly ProfileLine[], budget = Number.POSITIVE_INFINITY, tokenizer: Tokenizer) {
  let tokens = 0;
  const kept = lines.filter(({ text }) => {
    const cost = tokenizer.count(text) + 1;
    if (tokens + cost > budget) return false;
    tokens += cost;
    return true;
  });
  return { kept, tokens };
}

function inGroups(lines: readonly ProfileLine[]): ProfileGroup[] {
  const byGroup = Map.groupBy(lines, ({ group }) => group);
  return PROFILE_GROUPS.flatMap((name) => {
    const ofGroup = byGroup.get(name);
    return ofGroup ? [{ name, lines: ofGroup }] : [];
  });
}
