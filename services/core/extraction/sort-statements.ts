import type { ExtractionSettings } from "../tenancy/settings.ts";
import type { Statement } from "./extractor.ts";
import type { Asks, Requests } from "./forgetting/requests.ts";
import type { NotKept } from "./ingest-store.ts";

/** What fits none of a project's categories. */
export const OTHER = "other";

/** By which of its settings a project does not keep a category, in the order in which they are told. */
export const CATEGORY_RULES = ["not_included", "excluded"] as const;
export type CategoryRule = (typeof CATEGORY_RULES)[number];

export interface Sorted {
  readonly kept: readonly Statement[];
  /** Of categories that the project does not keep. */
  readonly leftOut: readonly { readonly statement: Statement; readonly rule: CategoryRule }[];
  /** Of the kept ones. */
  readonly requests: Requests;
}

/**
 * Sorts what was read into the project's categories, if it names any: into the one of the same name, case apart, else
 * into `other`. Of what is sorted, only the categories that are included are kept, and none that is excluded, also by the
 * name that the extractor gave it. What asks to forget goes on, to be found what it asks for.
 */
export function sortStatements(
  statements: readonly Statement[],
  { categories, includeCategories, excludeCategories }: ExtractionSettings,
  asksToForget: Asks,
): Sorted {
  const names = categories && new Map(categories.map(({ name }) => [folded(name), name]));
  const included = includeCategories && new Set(includeCategories.map(folded));
  const excluded = new Set(excludeCategories?.map(folded));
  const kept: Statement[] = [];
  const leftOut: Sorted["leftOut"][number][] = [];
  const requests = new Map<string, NotKept>();
  for (const statement of statements) {
    const read = folded(statement.category);
    const category = names ? (names.get(read) ?? OTHER) : statement.category;
    const isIncluded = included?.has(folded(category)) ?? true;
    const isExcluded = excluded.has(folded(category)) || excluded.has(read);
    const rule = isExcluded ? "excluded" : isIncluded ? undefined : "not_included";
    const asks = rule !== undefined && asksToForget(statement);
    if (asks) requests.set(statement.text, { category: rule });
    if (rule === undefined || asks) kept.push({ ...statement, category });
    else leftOut.push({ statement, rule });
  }
  return { kept, leftOut, requests };
}

/** By what two names of categories are the same. */
export function folded(category: string): string {
  return category.trim().toLowerCase();
}
