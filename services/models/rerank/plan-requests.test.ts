import fc from "fast-check";
import { expect, test } from "vitest";
import { planRequests } from "./plan-requests.ts";

test("requests together are the texts in order, and none is beyond a limit but a lone text", () => {
  const texts = fc.array(fc.string({ maxLength: 30 }), { maxLength: 60 });
  const limits = fc.record({ maxTexts: fc.integer({ min: 1, max: 8 }), maxCharacters: fc.nat(60) });
  fc.assert(
    fc.property(texts, limits, (all, { maxTexts, maxCharacters }) => {
      const requests = planRequests(all, { maxTexts, maxCharacters });
      expect(requests.flat()).toEqual(all);
      for (const request of requests) {
        expect(request.length).toBeGreaterThan(0);
        expect(request.length).toBeLessThanOrEqual(maxTexts);
        if (request.length > 1) expect(request.join("").length).toBeLessThanOrEqual(maxCharacters);
      }
    }),
  );
});

test("as few requests are made as the order allows", () => {
  expect(planRequests(["aa", "bb", "cc", "dddddd", "e"], { maxTexts: 2, maxCharacters: 5 })).toEqual([
    ["aa", "bb"],
    ["cc"],
    ["dddddd"],
    ["e"],
  ]);
});
