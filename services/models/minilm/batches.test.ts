import fc from "fast-check";
import { expect, test } from "vitest";
import { planBatches } from "./batches.ts";

const lengths = fc.array(fc.integer({ min: 2, max: 256 }), { maxLength: 200 });
const limit = fc.integer({ min: 1, max: 4096 });

test("every text is in exactly one batch", () => {
  fc.assert(
    fc.property(lengths, limit, (all, max) => {
      const seen = planBatches(all, max).flat();
      expect(seen.toSorted((a, b) => a - b)).toEqual(all.map((_, index) => index));
    }),
  );
});

test("no batch is empty, and none but a lone text is padded beyond the limit", () => {
  fc.assert(
    fc.property(lengths, limit, (all, max) => {
      for (const batch of planBatches(all, max)) {
        expect(batch.length).toBeGreaterThan(0);
        const padded = batch.length * Math.max(...batch.map((index) => all[index] ?? 0));
        if (batch.length > 1) expect(padded).toBeLessThanOrEqual(max);
      }
    }),
  );
});
