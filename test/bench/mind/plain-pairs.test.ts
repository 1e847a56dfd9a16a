import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { createMiniLmEmbedder } from "@mneme/models/minilm/embedder.ts";
import { installedModelDir } from "@mneme/models/testing/model-dir.ts";
import { expect, test } from "vitest";
import { asCase, readPlainPairs } from "./plain-pairs.ts";
import { simulate } from "./simulate.ts";

test.each(["Ada", undefined])("Plain pairs become what they should, told by %s", async (by) => {
  await using embedder = await createMiniLmEmbedder({ modelDir: installedModelDir() });
  const extractor = createEmbeddedExtractor();
  const [wrong, right]: [string[], string[]] = [[], []];
  for (const pair of readPlainPairs()) {
    const { label } = await simulate(asCase(pair, by), extractor, embedder);
    const isAsWanted = pair.expect.includes(label);
    if (!isAsWanted && !pair.isMissed) wrong.push(`${pair.known} | ${pair.said}: ${label}`);
    if (isAsWanted && pair.isMissed) right.push(`${pair.known} | ${pair.said}`);
  }
  expect(wrong).toEqual([]);
  expect(right, "take their ~ away").toEqual([]);
});

test("A few plain pairs are missed, and more than nine of ten are not", () => {
  const pairs = readPlainPairs();
  expect(pairs.length).toBeGreaterThan(600);
  expect(pairs.filter(({ isMissed }) => isMissed).length).toBeLessThan(pairs.length / 10);
});
