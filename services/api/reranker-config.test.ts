import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSettings } from "@mneme/core/settings.ts";
import { expect, test } from "vitest";
import { RERANKER_SETTINGS, rerankerNeeds, rerankerOf } from "./reranker-config.ts";

const read = (env: Record<string, string>) =>
  rerankerOf(parseSettings(RERANKER_SETTINGS, env, rerankerNeeds(env)));
const TEI = { MNEME_RERANKER: "tei", MNEME_RERANKER_URL: "http://rerank.example:8080" };

test("there is none unless one is named, also where its address is", () => {
  expect(read({})).toBeUndefined();
  expect(read({ MNEME_RERANKER_URL: TEI.MNEME_RERANKER_URL })).toBeUndefined();
});

test("has a default for everything but its address, and its model where it serves several", () => {
  expect(read(TEI)).toEqual({
    kind: "tei",
    url: "http://rerank.example:8080",
    model: "tei",
    apiKey: undefined,
    timeoutMs: 500,
    candidates: 50,
    batch: undefined,
  });
  expect(() => read({ MNEME_RERANKER: "cohere" })).toThrow(
    /MNEME_RERANKER_URL is required when MNEME_RERANKER is cohere\n.*MNEME_RERANKER_MODEL is required/,
  );
});

test("reads its key from a file, as every secret", async () => {
  const folder = await mkdtemp(join(tmpdir(), "mneme-reranker-"));
  await writeFile(join(folder, "key"), "from-a-file\n");
  expect(read({ ...TEI, MNEME_RERANKER_API_KEY_FILE: join(folder, "key") })?.apiKey).toBe("from-a-file");
  await rm(folder, { recursive: true });
});

test.each([
  ["MNEME_RERANKER", "other"],
  ["MNEME_RERANKER_URL", "rerank.example"],
  ["MNEME_RERANKER_TIMEOUT_MS", "0"],
  ["MNEME_RERANKER_CANDIDATES", "1"],
  ["MNEME_RERANKER_CANDIDATES", "201"],
  ["MNEME_RERANKER_BATCH", "0"],
])("refuses %s=%s", (name, value) => {
  expect(() => read({ ...TEI, [name]: value })).toThrow(name);
});
