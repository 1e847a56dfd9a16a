import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Settings } from "./settings.ts";
import { rememberSettings } from "./settings-of.ts";

const RRF: Settings = { ranking: { recipe: "rrf" } };
const BM25: Settings = { ranking: { recipe: "bm25" } };

let stored: readonly Settings[] | Error;
let reads: number;
const read = async () => {
  reads += 1;
  if (stored instanceof Error) throw stored;
  return { levels: stored, indexedIn: undefined };
};
const recipe = async (settings: Promise<Settings>) => (await settings).ranking?.recipe;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
  stored = [RRF];
  reads = 0;
});
afterEach(() => void vi.useRealTimers());

describe("remembered settings", () => {
  test("are each level's in their order, over the product's", async () => {
    stored = [{ retention: { messageDays: 0 } }, { ...BM25, retention: { messageDays: 3, memoryDays: 4 } }];
    expect(await rememberSettings({ read }).of("t", "p")).toEqual({
      ranking: { recipe: "bm25", recency: "off" },
      retention: { messageDays: 0, memoryDays: 4 },
      graphEnabled: true,
      language: "en",
    });
  });

  test("are read once by a burst, and of each project by itself", async () => {
    const settings = rememberSettings({ read });
    await Promise.all([settings.of("t", "p"), settings.of("t", "p"), settings.of("t", "other")]);
    expect(reads).toBe(2);
  });

  test("are read again behind a use that does not wait, and hold from then on", async () => {
    const settings = rememberSettings({ read }, { renewMs: 2_000, mostMs: 5_000 });
    await settings.of("t", "p");
    stored = [BM25];
    vi.advanceTimersByTime(2_001);
    expect(await recipe(settings.of("t", "p"))).toBe("rrf");
    await vi.waitFor(async () => expect(await recipe(settings.of("t", "p"))).toBe("bm25"));
    expect(reads).toBe(2);
  });

  test("are waited for once they are too old", async () => {
    const settings = rememberSettings({ read }, { renewMs: 2_000, mostMs: 5_000 });
    await settings.of("t", "p");
    stored = [BM25];
    vi.advanceTimersByTime(5_001);
    expect(await recipe(settings.of("t", "p"))).toBe("bm25");
  });

  test("serve while they can't be read, and no longer than they may", async () => {
    const settings = rememberSettings({ read }, { renewMs: 2_000, mostMs: 5_000 });
    await settings.of("t", "p");
    stored = new Error("away");
    vi.advanceTimersByTime(3_000);
    expect(await recipe(settings.of("t", "p"))).toBe("rrf");
    vi.advanceTimersByTime(3_000);
    await expect(settings.of("t", "p")).rejects.toThrow("away");
    stored = [BM25];
    expect(await recipe(settings.of("t", "p"))).toBe("bm25");
  });
});
