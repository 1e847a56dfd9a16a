import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "./config.ts";

const needed = {
  MNEME_DATABASE_URL: "postgres://app@db/mneme",
  MNEME_RELAY_DATABASE_URL: "postgres://relay@db/mneme",
  MNEME_KEYS_DATABASE_URL: "postgres://keys@db/keys",
  MNEME_MASTER_KEY_FILE: "/keys/master",
  MNEME_OPENSEARCH_URL: "http://search:9200",
  MNEME_TEMPORAL_ADDRESS: "temporal:7233",
  MNEME_MODEL_DIR: "/model",
};

describe("the worker's settings", () => {
  it("need no more than where the engines are", () => {
    expect(readConfig(needed)).toMatchObject({
      temporalAddress: "temporal:7233",
      taskQueue: "mneme",
      extractor: { standard: "embedded", model: undefined },
      embedder: { kind: "embedded", modelDir: "/model" },
    });
  });

  it("spread ageing over hours of the day, over midnight too", () => {
    const HOUR_MS = 3_600_000;
    const ageingOf = (env: Record<string, string>) => readConfig({ ...needed, ...env }).ageing;
    expect(ageingOf({})).toEqual({ everyMs: 24 * HOUR_MS, fromMs: 0, withinMs: 24 * HOUR_MS });
    expect(ageingOf({ MNEME_AGEING_HOURS: "22-4", MNEME_AGEING_EVERY_HOURS: "168" })).toEqual({
      everyMs: 168 * HOUR_MS,
      fromMs: 22 * HOUR_MS,
      withinMs: 6 * HOUR_MS,
    });
    expect(ageingOf({ MNEME_AGEING_HOURS: "1-5" })).toMatchObject({ fromMs: HOUR_MS, withinMs: 4 * HOUR_MS });
    for (const MNEME_AGEING_HOURS of ["25-3", "1", "1-25", "night"])
      expect(() => ageingOf({ MNEME_AGEING_HOURS })).toThrow("MNEME_AGEING_HOURS");
  });

  it("send an API key by TLS only", () => {
    const keyed = { ...needed, MNEME_TEMPORAL_API_KEY: "hidden-word" };
    expect(readConfig(keyed)).toMatchObject({ temporalTls: {}, temporalApiKey: "hidden-word" });
    expect(() => readConfig({ ...keyed, MNEME_TEMPORAL_TLS: "off" })).toThrow(
      "MNEME_TEMPORAL_TLS is off, and",
    );
    expect(readConfig(needed).temporalTls).toBeUndefined();
  });

  it("bound what the models are asked at once", () => {
    const threads = readConfig({ ...needed, MNEME_EMBEDDER_THREADS: "3" }).embedder;
    expect(threads).toMatchObject({ threads: 3 });
    expect(() => readConfig({ ...needed, MNEME_EMBEDDER_THREADS: "0" })).toThrow("MNEME_EMBEDDER_THREADS");
  });

  it.each(Object.keys(needed).filter((name) => name !== "MNEME_TEMPORAL_ADDRESS"))(
    "name %s when it is missing",
    (name) => {
      expect(() => readConfig({ ...needed, [name]: "" })).toThrow(name);
    },
  );

  it("take an OpenAI-compatible server for either model", () => {
    const config = readConfig({
      ...needed,
      MNEME_EXTRACTOR: "openai",
      MNEME_EXTRACTOR_URL: "http://llm/v1",
      MNEME_EXTRACTOR_MODEL: "small",
      MNEME_EXTRACTOR_TIMEOUT_MS: "5000",
      MNEME_EXTRACTOR_CONCURRENCY: "2",
      MNEME_EMBEDDER: "openai",
      MNEME_EMBEDDER_URL: "http://llm/v1",
      MNEME_EMBEDDER_MODEL: "vectors",
      MNEME_EMBEDDER_DIMENSION: "768",
    });
    const model = {
      url: "http://llm/v1",
      model: "small",
      projectModels: [],
      apiKey: undefined,
      timeoutMs: 5_000,
      concurrency: 2,
      messagesPerCall: 20,
      reconcileModel: undefined,
      reconcileModels: [],
      batches: { waitMs: 60_000, requests: 2_000 },
      consolidateModel: undefined,
      consolidateModels: [],
    };
    expect(config.extractor).toEqual({ standard: "model", model });
    expect(config.embedder).toMatchObject({ kind: "openai", dimension: 768 });
  });

  it("take a model beside the embedded rules, for projects that choose it", () => {
    const server = { MNEME_EXTRACTOR_URL: "http://llm/v1", MNEME_EXTRACTOR_MODEL: "small" };
    const { extractor } = readConfig({ ...needed, ...server, MNEME_EXTRACTOR_MODELS: "small, large" });
    expect(extractor).toMatchObject({
      standard: "embedded",
      model: { model: "small", projectModels: ["small", "large"] },
    });
    expect(() => readConfig({ ...needed, MNEME_EXTRACTOR_MODELS: "large" })).toThrow("MNEME_EXTRACTOR_URL");
  });

  it("take other models behind the same server for reconciling and for summaries", () => {
    const server = { MNEME_EXTRACTOR_URL: "http://llm/v1", MNEME_EXTRACTOR_MODEL: "small" };
    const strong = { MNEME_RECONCILE_MODEL: "strong", MNEME_RECONCILE_MODELS: "strong, stronger" };
    const wordy = { MNEME_CONSOLIDATE_MODEL: "wordy", MNEME_CONSOLIDATE_MODELS: "wordy, wordier" };
    expect(readConfig({ ...needed, ...server, ...strong, ...wordy }).extractor.model).toMatchObject({
      reconcileModel: "strong",
      reconcileModels: ["strong", "stronger"],
      consolidateModel: "wordy",
      consolidateModels: ["wordy", "wordier"],
    });
    expect(() => readConfig({ ...needed, ...wordy })).toThrow("MNEME_EXTRACTOR_URL");
    expect(() => readConfig({ ...needed, ...strong })).toThrow("MNEME_EXTRACTOR_URL");
    expect(() => readConfig({ ...needed, ...server, MNEME_EXTRACTOR_MESSAGES_PER_CALL: "101" })).toThrow(
      "MNEME_EXTRACTOR_MESSAGES_PER_CALL",
    );
  });

  it("take a table of prices, and say what is wrong with one", () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), "mneme-prices-")), "prices.json");
    writeFileSync(file, '{"prices": [{"model": "small", "from": "2026-01-01", "input": "0.5"}]}');
    const { prices } = readConfig({ ...needed, MNEME_PRICES_FILE: file });
    const tokens = { input: 2, cachedInput: 0, output: 0 };
    expect(prices.cost("small", new Date("2026-01-01"), tokens)).toBe(1_000_000n);
    writeFileSync(file, '{"prices": [{"model": "small"}]}');
    expect(() => readConfig({ ...needed, MNEME_PRICES_FILE: file })).toThrow(
      /MNEME_PRICES_FILE must .*prices\[0\]/s,
    );
    const missing = { ...needed, MNEME_PRICES_FILE: `${file}.none` };
    expect(() => readConfig(missing)).toThrow("MNEME_PRICES_FILE must name a file that can be read (ENOENT)");
  });

  it.each([
    ["MNEME_METRICS_PORT", "many"],
    ["MNEME_EXTRACTOR", "magic"],
    ["MNEME_EMBEDDER", "openai"],
    ["MNEME_OPENSEARCH_URL", "search:9200"],
    ["MNEME_LOG_LEVEL", "loud"],
  ])("refuse %s=%s", (name, value) => {
    expect(() => readConfig({ ...needed, [name]: value })).toThrow(/MNEME_/);
  });
});
