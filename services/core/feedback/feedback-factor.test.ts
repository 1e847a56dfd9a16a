import fc from "fast-check";
import { expect, test } from "vitest";
import { feedbackFactor, LEAST_FACTOR, MOST_FACTOR, type Opinions, type Said } from "./feedback-factor.ts";

const NOBODY: Opinions = {
  own: undefined,
  application: undefined,
  others: { positive: 0, negative: 0, very_negative: 0 },
};
const own = (rating: Said["rating"], weight = 1) => feedbackFactor({ ...NOBODY, own: { rating, weight } });
const others = (counts: Partial<Opinions["others"]>) =>
  feedbackFactor({ ...NOBODY, others: { ...NOBODY.others, ...counts } });

test("where nothing is said it is exactly 1", () => {
  expect(feedbackFactor(NOBODY)).toBe(1);
});

test("a negative word lowers, a very negative one lowers more, a positive one lifts", () => {
  expect(own("positive")).toBeCloseTo(1.2, 12);
  expect(own("negative")).toBeCloseTo(0.85, 12);
  expect(own("very_negative")).toBeCloseTo(0.7, 12);
});

test("words fade: after a half-life half of it is left", () => {
  expect(own("negative", 0.5)).toBeCloseTo(0.925, 12);
  expect(own("positive", 0)).toBe(1);
});

test("the application's word counts as one's own", () => {
  const application = { rating: "negative", weight: 1 } as const;
  expect(feedbackFactor({ ...NOBODY, application })).toBe(own("negative"));
});

test("one person moves what others find within narrower bounds; several together further", () => {
  expect(others({ positive: 1 })).toBeCloseTo(1.05, 12);
  expect(others({ negative: 1 })).toBeCloseTo(0.9625, 12);
  expect(others({ very_negative: 1 })).toBeCloseTo(0.925, 12);
  expect(others({ very_negative: 3 })).toBeLessThan(others({ very_negative: 2 }));
  expect(others({ positive: 2, very_negative: 1 })).toBeCloseTo(1.025, 12);
});

test("whatever is said by however many stays within the bounds", () => {
  const weight = fc.double({ min: 0, max: 1, noNaN: true });
  const said = fc.option(
    fc.record({ rating: fc.constantFrom("positive", "negative", "very_negative"), weight }),
    { nil: undefined },
  );
  const many = fc.double({ min: 0, max: 1e6, noNaN: true });
  const opinions = fc.record({
    own: said,
    application: said,
    others: fc.record({ positive: many, negative: many, very_negative: many }),
  });
  fc.assert(
    fc.property(opinions, (all) => {
      const factor = feedbackFactor(all);
      expect(factor).toBeGreaterThanOrEqual(LEAST_FACTOR);
      expect(factor).toBeLessThanOrEqual(MOST_FACTOR);
    }),
  );
  expect(others({ very_negative: 1_000 })).toBe(LEAST_FACTOR);
  expect(others({ positive: 1_000 })).toBe(MOST_FACTOR);
});
