import fc from "fast-check";
import { expect, it } from "vitest";
import { entitiesOf } from "./groups.ts";

const merge = (entity_id: string, other_id: string) => ({ entity_id, other_id });

/** By going from name to name until nothing new comes. */
function reachable(name: string, merges: readonly { entity_id: string; other_id: string }[]): Set<string> {
  const found = new Set([name]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const { entity_id, other_id } of merges) {
      if (found.has(entity_id)) found.add(other_id);
      if (found.has(other_id)) found.add(entity_id);
    }
  }
  return found;
}

it("takes names for one that merges lead to from each other, in circles too, by the smallest", () => {
  const name = fc.constantFrom(..."abcdefghij");
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name), { maxLength: 12 }), (pairs) => {
      const merges = pairs.map(([a, b]) => merge(a, b));
      const entityOf = entitiesOf([..."abcdefghij"], merges);
      for (const [id, entity] of entityOf) expect(entity).toBe([...reachable(id, merges)].sort()[0]);
      expect(entityOf.size).toBe(10);
    }),
  );
});

it("goes along a chain of any length, from either end", () => {
  const ids = Array.from({ length: 100_000 }, (_, i) => String(i).padStart(6, "0"));
  const chain = ids.slice(1).map((id, i) => merge(ids[i] ?? "", id));
  for (const merges of [chain, chain.toReversed()]) {
    const entityOf = entitiesOf([], merges);
    expect(new Set(entityOf.values())).toEqual(new Set(["000000"]));
  }
});
