import { expect, it } from "vitest";
import type { ModelBill } from "../cost/model-spending.ts";
import type { TokenCounts } from "../cost/token-counts.ts";
import type { IndexedMemory } from "../search/memory-index.ts";
import type { Embedder } from "./embedder.ts";
import { renewAll } from "./renew-vectors.ts";

const USED = { input: 7, cachedInput: 0, output: 0 };

function embedderOf(model: string): Embedder {
  return {
    model,
    dimension: 1,
    embed: async (texts, { onTokens } = {}) => {
      onTokens?.(USED);
      return texts.map((text) => new Float32Array([text.length]));
    },
  };
}

const documentOf = (text: string, projectId: string, embeddingModel: string, embedder?: string) =>
  ({ text, projectId, embeddingModel, embedder, vector: new Float32Array([0]) }) as unknown as IndexedMemory;

it("embeds anew what another model embedded than its project wants, and counts that for the project", async () => {
  const noted: [ModelBill, TokenCounts][] = [];
  const embedders = new Map([
    [undefined, embedderOf("own")],
    ["large", embedderOf("large-1")],
  ]);
  const deps = {
    embedderFor: (name: string | undefined) => embedders.get(name) as Embedder,
    spending: { note: (bill: ModelBill, used: TokenCounts) => void noted.push([bill, used]) },
  };
  const all = [
    documentOf("old", "p1", "before"),
    documentOf("kept", "p1", "own"),
    documentOf("older", "p2", "before", "large"),
  ];
  const { documents, renewed } = await renewAll(deps, "t", all);
  expect(documents.map(({ embeddingModel, vector }) => [embeddingModel, vector[0]])).toEqual([
    ["own", 3],
    ["own", 0],
    ["large-1", 5],
  ]);
  expect(renewed.map(({ text }) => text)).toEqual(["old", "older"]);
  const bill = (model: string, projectId: string, text: string) => {
    return { tenantId: "t", model, purpose: "embed", shares: [{ projectId, apiKeyId: undefined, text }] };
  };
  expect(noted).toEqual([
    [bill("own", "p1", "old"), USED],
    [bill("large-1", "p2", "older"), USED],
  ]);
});
