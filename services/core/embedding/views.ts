import type { Embedder } from "./embedder.ts";

/** An embedder, and the index as it is seen through its vectors. */
export interface EmbeddingView<Index> {
  readonly embedder: Embedder;
  readonly index: Index;
}

/** What a project is embedded by, by the name that it sets; the deployment's own where it sets none that there is. */
export type ViewFor<Index> = (name: string | undefined) => EmbeddingView<Index>;

/** @param named those that projects may choose, beside the deployment's own. */
export function embeddingViews<Index>(
  index: Index & { readonly through: (model: string) => Index },
  standard: Embedder,
  named: ReadonlyMap<string, Embedder>,
): ViewFor<Index> {
  const views = new Map(
    [...named].map(([name, embedder]) => {
      return [name, { embedder, index: index.through(embedder.model) }] as const;
    }),
  );
  return (name) => (name === undefined ? undefined : views.get(name)) ?? { embedder: standard, index };
}
