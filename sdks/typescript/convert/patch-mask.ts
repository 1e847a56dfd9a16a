import { invalidField } from "../errors/errors.ts";

/** What of a patch can be changed: a value that is set as a whole, or a group of such. */
export type Changeable = { readonly [name: string]: true | Changeable };

const SETTINGS = {
  extraction: {
    instructions: true,
    categories: true,
    includeCategories: true,
    excludeCategories: true,
    excludeSensitive: true,
  },
  ranking: {
    recipe: true,
    weights: true,
    recency: true,
    maxDays: true,
    rrfK: true,
    rerank: true,
    rerankCandidates: true,
    origins: true,
  },
  retention: {
    messageDays: true,
    memoryDays: true,
    memoriesPerScope: true,
    mostRecent: true,
    whenFull: true,
  },
  consolidation: { afterDays: true },
  models: {
    extractor: true,
    extractorModel: true,
    reconcileModel: true,
    consolidateModel: true,
    messagesPerCall: true,
    embedder: true,
    batch: true,
  },
  budget: { monthlyMicrodollars: true, monthlyTokens: true, whenSpent: true },
  review: { rules: true },
  ageing: {
    semanticHalfLifeDays: true,
    episodicHalfLifeDays: true,
    proceduralHalfLifeDays: true,
    archiveBelow: true,
    archiveInactiveDays: true,
    rankByStrength: true,
  },
  graphEnabled: true,
  language: true,
} as const satisfies Changeable;

const LIMITS = {
  requestsPerSecond: true,
  burst: true,
  messagesPerDay: true,
  memories: true,
  modelTokensPerMonth: true,
  streams: true,
} as const satisfies Changeable;

export const CHANGEABLE_TENANT = { name: true, settings: SETTINGS } as const;
export const CHANGEABLE_PROJECT = { name: true, state: true, settings: SETTINGS, limits: LIMITS } as const;
export const CHANGEABLE_BY_OPERATOR = { state: true, limits: LIMITS } as const;

/**
 * The paths that a patch names: its members, and of groups their members; a group of null as a whole.
 * @throws InvalidArgumentError when nothing, or something unknown, is to be changed.
 */
export function maskOf(patch: object, changeable: Changeable): string[] {
  const paths = pathsOf(patch, changeable, "");
  if (paths.length === 0) throw invalidField("update_mask", "name at least one field to change");
  return paths;
}

function pathsOf(patch: object, changeable: Changeable, lead: string): string[] {
  return Object.entries(patch).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const path = `${lead}${snake(name)}`;
    const within = Object.hasOwn(changeable, name) ? changeable[name] : undefined;
    if (within === undefined) throw invalidField(path, "cannot be changed");
    if (within === true || value === null) return [path];
    if (typeof value !== "object") throw invalidField(path, "must be an object, or null to clear it");
    return pathsOf(value, within, `${path}.`);
  });
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
