import type { ExtractionSettings } from "../tenancy/settings.ts";
import type { Statement } from "./extractor.ts";

/** What fits none of a project's categories. */
export const OTHER = "other";

export interface Sorted {
  readonly kept: readonly Statement[];
  /** Of categories that the project does not keep. */
  readonly leftOut: readonly Statement[];
}

/**
 * Sorts what was read into the project's categories, if it names any: into the one of the same name, case apart, else
 * into `other`. Of what is sorted, only the categories that are included are kept, and none that is excluded, also by the
 * name that the extractor gave it.
 */
export function sortStatements(
  statements: readonly Statement[],
  { categories, includeCategories, excludeCategories }: ExtractionSettings = {},
): Sorted {
  const names = categories && new Map(categories.map(({ name }) => [folded(name), name]));
  const included = includeCategories && new Set(includeCategories.map(folded));
  const excluded = new Set(excludeCategories?.map(folded));
  const kept: Statement[] = [];
  const leftOut: Statement[] = [];
  for (const statement of statements) {
    const read = folded(statement.category);
    const category = names ? (names.get(read) ?? OTHER) : statement.category;
    const isIncluded = included?.has(folded(category)) ?? true;
    const isExcluded = excluded.has(folded(category)) || excluded.has(read);
    if (isIncluded && !isExcluded) kept.push({ ...statement, category });
    else leftOut.push(statement);
  }
  return { kept, leftOut };
}

/** By what two names of categories are the same. */
export function folded(category: string): string {
  return category.trim().toLowerCase();
}
