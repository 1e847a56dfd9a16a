import { dot } from "../search/vector.ts";
import { DAY_MS } from "../time/day.ts";
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

interface Cluster {
  readonly places: readonly number[];
  /** Tokens of what they say, by what that comes to. */
  readonly deeds: ReadonlyMap<string, number>;
}

/** Joins the nearest first, as long as each of one cluster fits each of the other. */
function clustersOf(group: readonly Episode[], limits: ClusterLimits): Episode[][] {
  const fitting = new Fitting(group, limits);
  const clusterOf = group.map((episode, i): Cluster => {
    return { places: [i], deeds: new Map([[deedKey(episode), countTokens(episode.text)]]) };
  });
  for (const { a, b } of fitting.nearestFirst()) {
    const [one, other] = [clusterOf[a], clusterOf[b]];
    if (!one || !other || one === other || one.places.length + other.places.length > limits.most) continue;
    if (tokensOf(one, other) > limits.tokens) continue;
    if (!one.places.every((x) => other.places.every((y) => fitting.has(x, y)))) continue;
    const places = [...one.places, ...other.places];
    const joined = { places, deeds: new Map([...one.deeds, ...other.deeds]) };
    for (const i of places) clusterOf[i] = joined;
  }
  return [...new Set(clusterOf)].map(({ places }) =>
    places.toSorted((a, b) => a - b).map((i) => group[i] as Episode),
  );
}

/** Of both together; what says the same counts once, as the other says it. */
function tokensOf(one: Cluster, other: Cluster): number {
  let sum = 0;
  for (const [key, tokens] of one.deeds) if (!other.deeds.has(key)) sum += tokens;
  for (const tokens of other.deeds.values()) sum += tokens;
  return sum;
}

/** Which two of a group may be of one cluster, and how near they lie: each two are compared once. */
class Fitting {
  readonly #size: number;
  /** By both places, the smaller first; NaN where they don't fit. */
  readonly #cosines: Float64Array;

  constructor(group: readonly Episode[], { cosine: least, spanDays }: ClusterLimits) {
    this.#size = group.length;
    this.#cosines = new Float64Array(this.#size ** 2).fill(Number.NaN);
    const named = group.map(namedBy);
    group.forEach((one, a) => {
      for (let b = a + 1; b < group.length; b += 1) {
        const other = group[b] as Episode;
        // Oldest first: all behind it are farther.
        if (other.validFrom.getTime() - one.validFrom.getTime() > spanDays * DAY_MS) break;
        if (!sharesName(named[a], named[b])) continue;
        const cosine = dot(one.vector, other.vector);
        if (cosine >= least) this.#cosines[a * this.#size + b] = cosine;
      }
    });
  }

  has(a: number, b: number): boolean {
    return !Number.isNaN(this.#cosines[Math.min(a, b) * this.#size + Math.max(a, b)]);
  }

  /** Of equally near ones the oldest first. */
  nearestFirst(): Pair[] {
    const pairs: Pair[] = [];
    this.#cosines.forEach((cosine, at) => {
      if (!Number.isNaN(cosine)) pairs.push({ a: Math.floor(at / this.#size), b: at % this.#size, cosine });
    });
    return pairs.sort((p, q) => q.cosine - p.cosine || p.a - q.a || p.b - q.b);
  }
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
