import { LRUCache } from "lru-cache";
import { effectiveSettings, type Settings } from "./settings.ts";

/** What holds for a project. */
export interface SettingsOf {
  /** As of a few seconds ago at most. @throws MnemeError DEPENDENCY_UNAVAILABLE where that can't be told. */
  of(tenantId: string, projectId: string): Promise<ProjectSettings>;
}

export interface ProjectSettings extends Settings {
  /** Languages before this one, which memories may still be indexed in; absent where there are none. */
  readonly indexedIn?: readonly string[];
}

/** What each level sets by itself. */
export interface SettingsByLevel {
  /** The project's own first. As `SettingsOf`. */
  levelsOf(tenantId: string, projectId: string): Promise<readonly Settings[]>;
}

/** Where settings are kept. */
export interface SettingsSource {
  read(tenantId: string, projectId: string): Promise<KeptSettings>;
}

export interface KeptSettings {
  /** What each level sets, the project's own first. */
  readonly levels: readonly Settings[];
  /** Undefined where all memories are indexed as the settings have it. */
  readonly indexedIn: readonly string[] | undefined;
}

export interface RememberOptions {
  /** A change holds within this time. */
  readonly mostMs?: number;
  /** Older ones are read again by the next use, which does not wait for it. */
  readonly renewMs?: number;
}

interface Remembered {
  readonly settings: Promise<Known>;
  /** Before they were read. */
  readonly askedAt: number;
  renewing: boolean;
}

interface Known {
  readonly effective: ProjectSettings;
  readonly levels: readonly Settings[];
}

const MOST_PROJECTS = 10_000;

/** Remembers settings for a moment: whoever uses them all the time never waits for them. */
export function rememberSettings(
  source: SettingsSource,
  { mostMs = 5_000, renewMs = 2_000 }: RememberOptions = {},
): SettingsOf & SettingsByLevel {
  const known = new LRUCache<string, Remembered>({ max: MOST_PROJECTS });

  async function read(slot: string, tenantId: string, projectId: string): Promise<Known> {
    const askedAt = performance.now();
    const settings = source.read(tenantId, projectId).then(({ levels, indexedIn }) => {
      return { effective: { ...effectiveSettings(...levels), ...(indexedIn && { indexedIn }) }, levels };
    });
    const before = known.peek(slot);
    const isUsable = before !== undefined && askedAt - before.askedAt <= mostMs;
    // What is asked for again meanwhile takes what there is, and a burst without any asks once.
    if (!isUsable) known.set(slot, { settings, askedAt, renewing: false });
    try {
      const current = await settings;
      known.set(slot, { settings, askedAt, renewing: false });
      return current;
    } catch (error) {
      const entry = known.peek(slot);
      if (entry?.settings === settings) known.delete(slot);
      else if (entry) entry.renewing = false;
      throw error;
    }
  }

  function look(tenantId: string, projectId: string): Promise<Known> {
    const slot = `${tenantId}/${projectId}`;
    const entry = known.get(slot);
    const age = entry === undefined ? Number.POSITIVE_INFINITY : performance.now() - entry.askedAt;
    if (entry === undefined || age > mostMs) return read(slot, tenantId, projectId);
    if (age > renewMs && !entry.renewing) {
      entry.renewing = true;
      // Whoever comes after they are too old hears of a failure.
      read(slot, tenantId, projectId).catch(() => undefined);
    }
    return entry.settings;
  }

  return {
    of: async (tenantId, projectId) => (await look(tenantId, projectId)).effective,
    levelsOf: async (tenantId, projectId) => (await look(tenantId, projectId)).levels,
  };
}
