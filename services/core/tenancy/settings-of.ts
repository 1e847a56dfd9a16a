import { LRUCache } from "lru-cache";
import { effectiveSettings, type Settings } from "./settings.ts";

/** What holds for a project. */
export interface SettingsOf {
  /** As of a few seconds ago at most. @throws MnemeError DEPENDENCY_UNAVAILABLE where that can't be told. */
  of(tenantId: string, projectId: string): Promise<Settings>;
}

/** Where settings are kept. */
export interface SettingsSource {
  /** What each level sets, the project's own first. */
  read(tenantId: string, projectId: string): Promise<readonly Settings[]>;
}

export interface RememberOptions {
  /** A change holds within this time. */
  readonly mostMs?: number;
  /** Older ones are read again by the next use, which does not wait for it. */
  readonly renewMs?: number;
}

interface Remembered {
  readonly settings: Promise<Settings>;
  /** Before they were read. */
  readonly askedAt: number;
  renewing: boolean;
}

const MOST_PROJECTS = 10_000;

/** Remembers settings for a moment: whoever uses them all the time never waits for them. */
export function rememberSettings(
  source: SettingsSource,
  { mostMs = 5_000, renewMs = 2_000 }: RememberOptions = {},
): SettingsOf {
  const known = new LRUCache<string, Remembered>({ max: MOST_PROJECTS });

  async function read(slot: string, tenantId: string, projectId: string): Promise<Settings> {
    const askedAt = performance.now();
    const settings = source.read(tenantId, projectId).then((levels) => effectiveSettings(...levels));
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

  return {
    of(tenantId, projectId) {
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
    },
  };
}
