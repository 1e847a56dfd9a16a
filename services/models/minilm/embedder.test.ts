import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installedModelDir } from "../testing/model-dir.ts";
import { createMiniLmEmbedder } from "./embedder.ts";

const modelDir = installedModelDir();

const dot = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  a && b ? a.reduce((sum, value, i) => sum + value * (b[i] ?? Number.NaN), 0) : Number.NaN;

describe.each(["fp32", "q8"] as const)("MiniLM %s", (variant) => {
  let embedder: Embedder & AsyncDisposable;
  beforeAll(async () => {
    embedder = await createMiniLmEmbedder({ modelDir, variant });
  });
  afterAll(() => embedder[Symbol.asyncDispose]());

  test("agrees with the published model", async () => {
    const [weather, sunny, stadium] = await embedder.embed([
      "The weather is lovely today.",
      "It's so sunny outside!",
      "He drove to the stadium.",
    ]);
    expect(Math.abs(dot(weather, sunny) - 0.666)).toBeLessThan(0.0025);
    expect(Math.abs(dot(weather, stadium) - 0.105)).toBeLessThan(0.0025);
  });
});
