import type { CategoryCounts } from "@mneme/core/extraction/extraction.ts";
import { CATEGORY_RULES, type CategoryRule } from "@mneme/core/extraction/sort-statements.ts";
import { CategoryRule as WireRule } from "@mneme/proto/mneme/extraction/v1/extraction_pb.js";

const RULES: Readonly<Record<CategoryRule, WireRule>> = {
  not_included: WireRule.NOT_INCLUDED,
  excluded: WireRule.EXCLUDED,
};

/** In the rules' order. */
export function fromCategoryCounts(counts: CategoryCounts): { rule: WireRule; count: number }[] {
  return CATEGORY_RULES.flatMap((rule) => {
    const count = counts[rule];
    return count ? [{ rule: RULES[rule], count }] : [];
  });
}
