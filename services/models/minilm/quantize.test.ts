import fc from "fast-check";
import { expect, test } from "vitest";
import { rowQuantize, transpose } from "./quantize.ts";

const matrix = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }))
  .chain(([rows, columns]) =>
    fc
      .array(fc.float({ min: -100, max: 100, noNaN: true }), {
        minLength: rows * columns,
        maxLength: rows * columns,
      })
      .map((values) => ({ rows, columns, values: Float32Array.from(values) })),
  );

test("rounding is off by half a step at most, and a row's largest value keeps its place", () => {
  fc.assert(
    fc.property(matrix, ({ columns, values }) => {
      const quantized = rowQuantize(values, columns);
      for (const [i, value] of values.entries()) {
        const scale = quantized.scales[Math.floor(i / columns)] ?? Number.NaN;
        const back = (quantized.values[i] ?? Number.NaN) * scale;
        // Scales are kept as 32-bit floats, hence the sliver.
        expect(Math.abs(back - value)).toBeLessThanOrEqual(scale * 0.5001 + 1e-30);
      }
    }),
  );
});

test("transposing twice gives the matrix back", () => {
  fc.assert(
    fc.property(matrix, ({ rows, columns, values }) => {
      expect(transpose(transpose(values, rows, columns), columns, rows)).toEqual(values);
    }),
  );
});
