import { dot } from "../search/vector.ts";
import { countTokens } from "../tokens/count-tokens.ts";
import { deedKey } from "./deed.ts";
import type { Episode } from "./episode.ts";

export interface ClusterLimits {
  /** Episodes of a cluster. */
  readonly least: number;
  readonly most: number;
  /** Of any two of them, 0..1. */
  readonly cosine: number;
  /** Between the first and the last of them. */
  readonly spanDays: number;
  /** Of what they say together; what says the same counts once. */
  readonly tokens: number;
}

/**
 * Measured on LoCoMo (docs/benchmarks.md): what is looser costs recall, what is tighter joins little. A summary is embedded
 * whole: beyond 256 word pieces a vector knows nothing of it.
 */
export const CLUSTER_LIMITS: ClusterLimits = { least: 2, most: 12, cosine: 0.7, spanDays: 90, tokens: 50 };

/** Another one whenever the same episodes may be clustered otherwise: those that came to nothing are read anew. */
export const CLUSTERED_BY = "2";

const DAY_MS = 86_400_000;

/**
 * Which episodes tell of one thing. Two of a cluster have the same teller, origin, category, metadata and model of their
 * vectors, name somebody or something in common besides the teller if they name anything, lie near by their vectors and near
 * in time; and both still hold or neither does. Pure; the order of the input does not matter.
 *
 * @param episodes of one person (or shared scope) and one audience.
 * @returns clusters, each oldest first, no episode in two.
 */
export function clusterEpisodes(
  episodes: readonly Episode[],
  limits: ClusterLimits = CLUSTER_LIMITS,
): Episode[][] {
  const alike = Map.groupBy(episodes.toSorted(byTime), kindKey);
  return [...alike.values()]
    .flatMap((group) => clustersOf(group, limits))
    .filter((cluster) => cluster.length >= limits.least)
    .sort(([a], [b]) => (a && b ? byTime(a, b) : 0));
}

/** What all episodes of a cluster have in common, whatever they say. */
function kindKey(episode: Episode): string {
  const { speaker, role, origin, category, metadata, validTo, embeddingModel } = episode;
  const members = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([speaker, role, origin, category, members, validTo !== undefined, embeddingModel]);
}

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly cosine: number;
}

/** Joins the nearest first, as long as each of one cluster fits each of the other. */
function clustersOf(group: readonly Episode[], limits: ClusterLimits): Episode[][] {
  const named = group.map(namedBy);
  const deeds = group.map((episode) => ({ key: deedKey(episode), tokens: countTokens(episode.text) }));
  const tokensOf = (places: readonly number[]) => {
    const once = new Map(places.flatMap((i) => deeds[i] ?? []).map(({ key, tokens }) => [key, tokens]));
    return [...once.values()].reduce((sum, tokens) => sum + tokens, 0);
  };
  const fits = (a: number, b: number) => fit(group[a] as Episode, group[b] as Episode, limits);
  const shares = (a: number, b: number) => sharesName(named[a], named[b]);
  const pairs = pairsOf(group, (a, b) => shares(a, b) && fits(a, b));
  const clusterOf = new Map(group.map((_, i) => [i, [i]]));
  for (const { a, b } of pairs) {
    const [one, other] = [clusterOf.get(a) ?? [], clusterOf.get(b) ?? []];
    if (one === other || one.length + other.length > limits.most) continue;
    const joined = [...one, ...other];
    if (tokensOf(joined) > limits.tokens) continue;
    if (!one.every((x) => other.every((y) => shares(x, y) && fits(x, y)))) continue;
    for (const i of joined) clusterOf.set(i, joined);
  }
  return [...new Set(clusterOf.values())].map((cluster) =>
    cluster.toSorted((a, b) => a - b).map((i) => group[i] as Episode),
  );
}

function pairsOf(group: readonly Episode[], fits: (a: number, b: number) => boolean): Pair[] {
  const pairs: Pair[] = [];
  group.forEach((one, a) => {
    for (let b = a + 1; b < group.length; b += 1) {
      if (fits(a, b)) pairs.push({ a, b, cosine: dot(one.vector, (group[b] as Episode).vector) });
    }
  });
  return pairs.sort((p, q) => q.cosine - p.cosine || p.a - q.a || p.b - q.b);
}

function fit(one: Episode, other: Episode, { cosine, spanDays }: ClusterLimits): boolean {
  const apart = Math.abs(one.validFrom.getTime() - other.validFrom.getTime());
  return apart <= spanDays * DAY_MS && dot(one.vector, other.vector) >= cosine;
}

/** Names of an episode but for who tells it. */
function namedBy({ entities, speaker }: Episode): ReadonlySet<string> {
  const names = entities.map(({ name }) => name.toLowerCase());
  return new Set(names.filter((name) => name !== speaker));
}

function sharesName(a: ReadonlySet<string> = new Set(), b: ReadonlySet<string> = new Set()): boolean {
  if (a.size === 0 || b.size === 0) return a.size === b.size;
  return [...a].some((name) => b.has(name));
}

/** The oldest first; equal times by id. */
function byTime(a: Episode, b: Episode): number {
  return a.validFrom.getTime() - b.validFrom.getTime() || (a.memoryId < b.memoryId ? -1 : 1);
}
