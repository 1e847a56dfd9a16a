import type { Embedder } from "../embedding/embedder.ts";
import type { EmbeddingView } from "../embedding/views.ts";
import { countedKey, type Tenancy } from "../tenancy/caller.ts";
import { embeddingBy, type ModelSpending } from "./model-spending.ts";

/** What counts what embedding takes, where anything does. */
export interface EmbeddingDeps {
  readonly embedder: Embedder;
  /** By whatever a project names instead. */
  readonly viewFor?: ((name: string | undefined) => EmbeddingView<unknown>) | undefined;
  readonly spending?: Pick<ModelSpending, "note"> | undefined;
}

/** With embedders whose requests are counted for this caller; one that asks no server has nothing to count. */
export function countedFor<Deps extends EmbeddingDeps>(deps: Deps, tenancy: Tenancy): Deps {
  const { embedder, viewFor, spending } = deps;
  const { tenantId, projectId, apiKeyId, firstKeyId } = tenancy;
  const key = apiKeyId === undefined ? undefined : countedKey({ apiKeyId, firstKeyId });
  const shares = [{ projectId, apiKeyId: key, text: "" }];
  const counted = (of: Embedder): Embedder => {
    const { model, dimension } = of;
    const onTokens = embeddingBy(spending, { tenantId, model, shares });
    return { model, dimension, embed: (texts, options) => of.embed(texts, { ...options, onTokens }) };
  };
  return {
    ...deps,
    embedder: counted(embedder),
    ...(viewFor && {
      viewFor: (name: string | undefined) => {
        const view = viewFor(name);
        return { ...view, embedder: counted(view.embedder) };
      },
    }),
  };
}
