import type { MemoryKind, Metadata } from "../memory/memory.ts";
import type { SearchFilter } from "./search-request.ts";

/** What a filter looks at. */
export interface Filterable {
  readonly kind: MemoryKind;
  readonly category: string;
  readonly metadata: Metadata;
  /** When it was said, for the first time and again; at least one. */
  readonly saidAt: readonly Date[];
}

/** As the index filters: all that is set must hold, and one time of saying be within `[saidAfter, saidBefore)`. */
export function passesFilter(
  { kind, category, metadata, saidAt }: Filterable,
  filter: SearchFilter,
): boolean {
  const { kinds, categories, saidAfter, saidBefore } = filter;
  return (
    (!kinds?.length || kinds.includes(kind)) &&
    (!categories?.length || categories.includes(category)) &&
    Object.entries(filter.metadata ?? {}).every(([key, value]) => metadata[key] === value) &&
    saidAt.some((at) => (!saidAfter || at >= saidAfter) && (!saidBefore || at < saidBefore))
  );
}
