import type { ExtractionSettings } from "../tenancy/settings.ts";
import type { Statement } from "./extractor.ts";

/** What fits none of a project's categories. */
export const OTHER = "other";

/** By which of its settings a project does not keep a category, in the order in which they are told. */
export const CATEGORY_RULES = ["not_included", "excluded"] as const;
export type CategoryRule = (typeof CATEGORY_RULES)[number];

export interface Sorted {
  readonly kept: readonly Statement[];
  /** Of categories that the project does not keep. */
  readonly leftOut: readonly { readonly statement: Statement; readonly rule: CategoryRule }[];
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
  const leftOut: Sorted["leftOut"][number][] = [];
  for (const statement of statements) {
    const read = folded(statement.category);
    const category = names ? (names.get(read) ?? OTHER) : statement.category;
    const isIncluded = included?.has(folded(category)) ?? true;
    const isExcluded = excluded.has(folded(category)) || excluded.has(read);
    if (isExcluded) leftOut.push({ statement, rule: "excluded" });
    else if (!isIncluded) leftOut.push({ statement, rule: "not_included" });
    else kept.push({ ...statement, category });
  }
  return { kept, leftOut };
}

/** By what two names of categories are the same. */
export function folded(category: string): string {
  return category.trim().toLowerCase();
}
