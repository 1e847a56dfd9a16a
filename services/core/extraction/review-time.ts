import type { ReviewRule } from "../tenancy/settings.ts";
import { DAY_MS } from "../time/day.ts";
import type { Statement } from "./extractor.ts";
import { folded } from "./sort-statements.ts";

type Judged = Pick<Statement, "kind" | "category" | "valid" | "passesAt">;

/** The first rule that fits a memory. */
export function reviewRuleOf(
  { kind, category }: Pick<Statement, "kind" | "category">,
  rules: readonly ReviewRule[] = [],
): ReviewRule | undefined {
  return rules.find(
    (rule) =>
      (rule.kind === undefined || rule.kind === kind) &&
      (rule.category === undefined || folded(rule.category) === folded(category)),
  );
}

/**
 * When a statement is to be looked at again: so many days as its rule says behind the day that it tells of, where that
 * lies ahead, or behind now. Without a rule, once what lies ahead is over; else never.
 */
export function reviewTimeOf(
  statement: Judged,
  rules: readonly ReviewRule[] | undefined,
  now: Date,
): Date | undefined {
  const { passesAt, valid } = statement;
  const ahead = [passesAt, valid.from].find((time) => time !== undefined && time > now);
  const days = reviewRuleOf(statement, rules)?.days;
  if (days === undefined) return ahead;
  return new Date((ahead ?? now).getTime() + days * DAY_MS);
}
