import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { effectiveSettings, PRODUCT_SETTINGS, type Settings } from "./settings.ts";

const partial = (members: Record<string, fc.Arbitrary<unknown>>) => fc.record(members, { requiredKeys: [] });
const list = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 });
const days = fc.nat(1_000);

const anySettings = partial({
  extraction: partial({
    instructions: fc.string(),
    includeCategories: list,
    excludeCategories: list,
    excludeSensitive: fc.subarray(["health", "payment", "contact"], { minLength: 1 }),
  }),
  ranking: partial({
    recipe: fc.constantFrom("s1", "weighted", "rrf", "bm25", "knn"),
    recency: fc.constantFrom("off", "exponential", "linear"),
    weights: fc.record({ semantic: fc.double(), keyword: fc.double(), entity: fc.double() }),
    origins: partial({ stated: fc.double(), inferred: fc.double(), tool: fc.double() }),
    maxDays: days,
    rrfK: days,
  }),
  retention: partial({ messageDays: days, memoryDays: days }),
  consolidation: partial({ afterDays: days }),
  models: partial({
    extractor: fc.constantFrom("embedded", "model"),
    extractorModel: fc.string(),
    reconcileModel: fc.string(),
    consolidateModel: fc.string(),
    messagesPerCall: fc.nat(),
    embedder: fc.constantFrom("e5", "bge"),
  }),
  review: partial({ rules: fc.array(fc.record({ days }), { minLength: 1, maxLength: 2 }) }),
  budget: partial({ monthlyMicrodollars: fc.nat(), monthlyTokens: fc.nat() }),
  graphEnabled: fc.boolean(),
  language: fc.constantFrom("en", "de", "fi"),
}) as fc.Arbitrary<Settings>;

/** Every member that settings set, as `group.member`. */
function members(settings: Settings): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [group, value] of Object.entries(settings)) {
    if (typeof value !== "object") flat.set(group, value);
    else for (const [name, inner] of Object.entries(value)) flat.set(`${group}.${name}`, inner);
  }
  return flat;
}

describe("what holds", () => {
  test("is of each member what the first level says that says anything, and nothing else", () => {
    fc.assert(
      fc.property(anySettings, anySettings, (project, tenant) => {
        const levels = [project, tenant, PRODUCT_SETTINGS].map(members);
        const named = new Set(levels.flatMap((level) => [...level.keys()]));
        const expected = [...named].map((name) => [name, levels.find((level) => level.has(name))?.get(name)]);
        expect(members(effectiveSettings(project, tenant))).toEqual(new Map(expected as [string, unknown][]));
      }),
    );
  });

  test("is the product's where nobody says anything", () => {
    expect(effectiveSettings({}, {})).toEqual(PRODUCT_SETTINGS);
  });

  test("does not change by a level that says it already", () => {
    fc.assert(
      fc.property(anySettings, anySettings, (project, tenant) => {
        const effective = effectiveSettings(project, tenant);
        expect(effectiveSettings(effective)).toEqual(effective);
        expect(effectiveSettings(effective, tenant)).toEqual(effective);
        expect(effectiveSettings(project, effective)).toEqual(effective);
      }),
    );
  });
});
