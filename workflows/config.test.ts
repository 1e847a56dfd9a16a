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
