import type { Place } from "@mneme/core/tenancy/scope.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { layerOf, placeFilter } from "./place-filter.ts";

const ids = fc.subarray([null, "a", "b"], { minLength: 1 });
const place: fc.Arbitrary<Place> = fc.record({
  layer: fc.constantFrom("session", "user", "team", "tenant"),
  projectId: fc.constantFrom("p", "q"),
  subject: fc.constantFrom(undefined, null, { id: "ada", epoch: 1 }),
  agentIds: fc.option(ids, { nil: undefined }),
  appIds: fc.option(ids, { nil: undefined }),
  teamIds: ids,
  sessionId: fc.constantFrom(undefined, "s"),
});
const places = fc.array(place, { minLength: 1, maxLength: 8 });

test("names every value once, and two statements alike only where their text is", () => {
  fc.assert(
    fc.property(places, places, (one, other) => {
      const [a, b] = [placeFilter(one, 8), placeFilter(other, 8)];
      const text = a.conditions.join(" or ");
      const named = [...text.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number));
      expect(named).toEqual(a.values.map((_, i) => 8 + i));
      const whole = (filter: typeof a, of: readonly Place[]) =>
        [...filter.conditions, layerOf(of, filter)].join(" or ");
      expect(a.shape === b.shape).toBe(whole(a, one) === whole(b, other));
      expect(`most_used_graph_of_something_${a.shape}`.length).toBeLessThanOrEqual(63);
    }),
  );
});
