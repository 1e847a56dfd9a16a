import { expect, it } from "vitest";
import type { EmbedOptions } from "../embedding/embedder.ts";
import { countedFor } from "./counted-embedder.ts";
import type { ModelSpending } from "./model-spending.ts";

it("counts what a server says that embedding took for who had it embedded, and for a rotated key by its first, whichever embedder a project has", async () => {
  const noted: Parameters<ModelSpending["note"]>[] = [];
  const used = { input: 7, cachedInput: 0, output: 0 };
  const embedder = {
    model: "vectors",
    dimension: 1,
    embed: async (texts: readonly string[], { onTokens }: EmbedOptions = {}) => {
      onTokens?.(used);
      return texts.map(() => new Float32Array([1]));
    },
  };
  const spending = { note: (...call: Parameters<ModelSpending["note"]>) => void noted.push(call) };
  const tenancy = { tenantId: "t", projectId: "p", apiKeyId: "second", firstKeyId: "first" };
  const { embedder: counted } = countedFor({ embedder, spending }, tenancy);
  expect(await counted.embed(["Where is Ada?"], { purpose: "query" })).toHaveLength(1);
  const shares = [{ projectId: "p", apiKeyId: "first", text: "" }];
  expect(noted).toEqual([[{ tenantId: "t", model: "vectors", purpose: "embed", shares }, used]]);
  const wider = { ...embedder, model: "wider" };
  const viewFor = (name: string | undefined) => ({
    embedder: name === "wider" ? wider : embedder,
    index: {},
  });
  const views = countedFor({ embedder, viewFor, spending }, tenancy).viewFor;
  for (const name of [undefined, "wider"])
    await views(name).embedder.embed(["Where is Bo?"], { purpose: "query" });
  expect(noted.slice(1).map(([{ model }]) => model)).toEqual(["vectors", "wider"]);
  expect(await countedFor({ embedder }, tenancy).embedder.embed(["a", "b"])).toHaveLength(2);
});
