import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cosineVec8, encodeVec8, vectorJson } from "./vector-codec.ts";

const dimension = 384;
const unitVector = fc
  .array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: dimension, maxLength: dimension })
  .map((values) => {
    const length = Math.hypot(...values);
    return Float32Array.from(values, (value, i) => (length > 1e-3 ? value / length : i === 0 ? 1 : 0));
  });

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

describe("the 8-bit copy", () => {
  it("gives the cosine within .005", () => {
    fc.assert(
      fc.property(unitVector, unitVector, (query, vector) => {
        const cosine = cosineVec8(query, encodeVec8(vector)) ?? Number.NaN;
        expect(Math.abs(cosine - dot(query, vector))).toBeLessThan(0.005);
      }),
    );
  });

  it("has length 1 itself, so that a vector is nearest to its own copy", () => {
    fc.assert(
      fc.property(unitVector, (vector) => {
        expect(cosineVec8(vector, encodeVec8(vector))).toBeGreaterThan(0.999);
      }),
    );
  });

  it("says when the dimensions differ", () => {
    expect(cosineVec8(new Float32Array(3), encodeVec8(new Float32Array(4)))).toBeUndefined();
    expect(cosineVec8(new Float32Array(4), encodeVec8(new Float32Array(4)))).toBe(0);
  });
});

describe("the vector as JSON", () => {
  it("is exact to seven decimals", () => {
    fc.assert(
      fc.property(unitVector, (vector) => {
        const back = JSON.parse(vectorJson(vector)) as number[];
        back.forEach((value, i) => {
          expect(Math.abs(value - (vector[i] ?? 0))).toBeLessThanOrEqual(5.1e-8);
        });
      }),
    );
  });
});
