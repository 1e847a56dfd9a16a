import fc from "fast-check";
import { expect, it } from "vitest";
import { packRest } from "./pack-rest.ts";

it("keeps all there is, in its order, the first as they are and the rest within the length", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 80 });
  fc.assert(
    fc.property(lengths, fc.integer({ min: 1, max: 40 }), (all, most) => {
      let at = 0;
      const groups = all.map((length) => {
        const start = at;
        at += length + 1;
        return [{ start, end: start + length }];
      });
      const packed = packRest(groups, most, 200);
      expect(packed.flat()).toEqual(groups.flat());
      expect(packed.slice(0, most)).toEqual(groups.slice(0, most));
      for (const group of packed.slice(most)) {
        const [first, last] = [group[0], group.at(-1)];
        expect((last?.end ?? 0) - (first?.start ?? 0)).toBeLessThanOrEqual(200);
      }
    }),
  );
});
