import { describe, expect, it } from "vitest";
import { percentile, slope } from "./figures.ts";

describe("figures of a bench", () => {
  it("takes percentiles by nearest rank", () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect([50, 95, 100].map((p) => percentile(values, p))).toEqual([50, 95, 100]);
    expect(percentile([], 50)).toBeNaN();
  });

  it("fits a line", () => {
    expect(
      slope([
        [0, 1],
        [1, 3],
        [2, 5],
      ]),
    ).toBeCloseTo(2);
    expect(
      slope([
        [1, 1],
        [1, 3],
      ]),
    ).toBe(0);
  });
});
