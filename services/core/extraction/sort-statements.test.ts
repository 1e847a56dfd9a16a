import { expect, test } from "vitest";
import type { ExtractionSettings } from "../tenancy/settings.ts";
import { contentOf } from "./content-testing.ts";
import { type CategoryRule, sortStatements } from "./sort-statements.ts";

const read = (category: string) => ({ ...contentOf(category, "m").statement, category });
const named = (...names: string[]) => names.map((name) => ({ name, description: "" }));
const READ = ["health", "work", "other"].map(read);

test.each<[string, ExtractionSettings | undefined, string[], CategoryRule[]]>([
  ["keeps all as it was read where nothing is set", undefined, ["health", "work", "other"], []],
  [
    "takes the project's names, and other",
    { categories: named("Work", "bugs") },
    ["other", "Work", "other"],
    [],
  ],
  ["keeps what is included", { includeCategories: ["WORK"] }, ["work"], ["not_included", "not_included"]],
  ["keeps what is not excluded", { excludeCategories: [" Health "] }, ["work", "other"], ["excluded"]],
  [
    "excludes by the name that was read as well",
    { categories: named("bugs"), excludeCategories: ["health"] },
    ["other", "other"],
    ["excluded"],
  ],
  [
    "excludes of what is included",
    { includeCategories: ["work", "health"], excludeCategories: ["health"] },
    ["work"],
    ["excluded", "not_included"],
  ],
  [
    "includes by the name that it is sorted into",
    { categories: named("bugs"), includeCategories: ["work"] },
    [],
    ["not_included", "not_included", "not_included"],
  ],
])("%s", (_, settings, expected, leftOut) => {
  const sorted = sortStatements(READ, settings ?? {}, () => false);
  expect(sorted.kept.map(({ category }) => category)).toEqual(expected);
  expect(sorted.leftOut.map(({ rule }) => rule)).toEqual(leftOut);
});

test("lets go on what asks to forget, and says by which rule it is no memory", () => {
  const asks = { ...read("health"), text: "Ada told the assistant to forget that Ada has asthma." };
  const only = { includeCategories: ["work"] };
  const sorted = sortStatements([asks, read("health")], only, ({ text }) => text === asks.text);
  expect(sorted).toMatchObject({ kept: [{ text: asks.text }], leftOut: [{ rule: "not_included" }] });
  expect([...sorted.requests]).toEqual([[asks.text, { category: "not_included" }]]);
});
