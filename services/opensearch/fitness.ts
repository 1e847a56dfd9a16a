import { MnemeError } from "@mneme/core/errors.ts";
import type { IndexGeneration } from "@mneme/core/search/memory-index.ts";
import { currentOf } from "./generation.ts";
import { SCHEMA_VERSION } from "./template.ts";

/** Whether a process writes to a generation: both have the same model and the same mapping. */
export function fits(generation: IndexGeneration, model: string): boolean {
  return generation.model === model && generation.schema === SCHEMA_VERSION;
}

/**
 * @throws MnemeError where a process of this model must not write now: the generation that is read, or is about
 *   to be, is another model's or another version's.
 */
export function requireFit(live: readonly IndexGeneration[], model: string, pool: string): void {
  const current = currentOf(live);
  if (current === undefined) throw noGeneration(pool);
  if (current.model !== model) {
    throw new MnemeError(
      "failed_precondition",
      "EMBEDDING_DIMENSION_MISMATCH",
      "the index is built for another embedding model: reindex, or start this process with that model",
      { metadata: { model, indexModel: current.model } },
    );
  }
  const fault = schemaFault(current);
  if (fault !== undefined) {
    const metadata = { schema: String(SCHEMA_VERSION), indexSchema: String(current.schema) };
    throw unavailable(fault, metadata);
  }
  if (!live.some((each) => each.state === "next" && !fits(each, model))) return;
  throw unavailable(
    "the index is about to be read through another embedding model or by another version; trying again",
    { model },
  );
}

/**
 * What is the matter with a generation that keeps the mapping of another version, and what to do: it would refuse
 * every document for good, or take them without what they lack.
 *
 * @returns undefined where it is this version's.
 */
export function schemaFault({ schema }: IndexGeneration): string | undefined {
  if (schema === SCHEMA_VERSION) return undefined;
  return schema < SCHEMA_VERSION
    ? "the index was built by an older version: rebuild it with `npm run reindex`"
    : "the index was built by a newer version: replace this process by that version";
}

export function noGeneration(pool: string): MnemeError {
  return unavailable("the search index has not been set up", { pool });
}

function unavailable(message: string, metadata: Readonly<Record<string, string>>): MnemeError {
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", message, {
    metadata: { dependency: "opensearch", ...metadata },
  });
}
