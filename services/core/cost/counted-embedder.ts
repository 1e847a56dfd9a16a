import type { Embedder } from "../embedding/embedder.ts";
import { countedKey, type Tenancy } from "../tenancy/caller.ts";
import { embeddingBy, type ModelSpending } from "./model-spending.ts";

/** What counts what embedding takes, where anything does. */
export interface EmbeddingDeps {
  readonly embedder: Embedder;
  readonly spending?: Pick<ModelSpending, "note"> | undefined;
}

/** With an embedder whose requests are counted for this caller; one that asks no server has nothing to count. */
export function countedFor<Deps extends EmbeddingDeps>(deps: Deps, tenancy: Tenancy): Deps {
  const { embedder, spending } = deps;
  const { tenantId, projectId, apiKeyId, firstKeyId } = tenancy;
  const { model, dimension } = embedder;
  const key = apiKeyId === undefined ? undefined : countedKey({ apiKeyId, firstKeyId });
  const shares = [{ projectId, apiKeyId: key, text: "" }];
  const onTokens = embeddingBy(spending, { tenantId, model, shares });
  const embed: Embedder["embed"] = (texts, options) => embedder.embed(texts, { ...options, onTokens });
  return { ...deps, embedder: { model, dimension, embed } };
}
