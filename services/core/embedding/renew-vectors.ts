import { embeddingBy, type ModelSpending } from "../cost/model-spending.ts";
import type { IndexedMemory } from "../search/memory-index.ts";
import type { Embedder } from "./embedder.ts";

export interface RenewedVectors {
  /** All documents, in order, each with a vector of the embedder's model. */
  readonly documents: readonly IndexedMemory[];
  /** Those that had another model's. */
  readonly renewed: readonly IndexedMemory[];
}

export interface RenewingDeps {
  /** What a project embeds with, by the name that it sets. */
  readonly embedderFor: (name: string | undefined) => Embedder;
  /** What embedding takes is counted by. */
  readonly spending?: Pick<ModelSpending, "note"> | undefined;
}

/**
 * Embeds anew what another model embedded than each document's project wants: vectors of two models never meet in one index.
 *
 * @param documents one tenant's.
 * @throws what the embedders throw.
 */
export async function renewAll(
  deps: RenewingDeps,
  tenantId: string,
  documents: readonly IndexedMemory[],
  signal?: AbortSignal,
): Promise<RenewedVectors> {
  const groups = [...Map.groupBy(documents, ({ embedder }) => deps.embedderFor(embedder))];
  const done = await Promise.all(
    groups.map(([embedder, some]) => renewVectors(deps, tenantId, embedder, some, signal)),
  );
  const made = new Map(
    groups.flatMap(([, some], i) => some.map((one, at) => [one, done[i]?.documents[at] ?? one])),
  );
  return {
    documents: documents.map((document) => made.get(document) ?? document),
    renewed: done.flatMap(({ renewed }) => renewed),
  };
}

async function renewVectors(
  { spending }: RenewingDeps,
  tenantId: string,
  embedder: Embedder,
  documents: readonly IndexedMemory[],
  signal: AbortSignal | undefined,
): Promise<RenewedVectors> {
  const { model } = embedder;
  const foreign = documents.filter(({ embeddingModel }) => embeddingModel !== model);
  if (foreign.length === 0) return { documents, renewed: [] };
  const texts = foreign.map(({ text }) => text);
  const shares = foreign.map(({ projectId, text }) => ({ projectId, apiKeyId: undefined, text }));
  const vectors = await embedder.embed(texts, {
    purpose: "document",
    onTokens: embeddingBy(spending, { tenantId, model, shares }),
    ...(signal && { signal }),
  });
  const renewed = foreign.map((document, i) => {
    return { ...document, vector: vectors[i] as Float32Array, embeddingModel: model };
  });
  const renewedOf = new Map(foreign.map((document, i) => [document, renewed[i] as IndexedMemory]));
  return { documents: documents.map((document) => renewedOf.get(document) ?? document), renewed };
}
