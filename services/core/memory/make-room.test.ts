import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byWeakness, type HeldMemory, leavingOf, type Room } from "./make-room.ts";

const share = fc.constantFrom(0, 0.25, 0.5, 1);
const day = fc.integer({ min: 1, max: 5 }).map((days) => new Date(days * 86_400_000));
const memory: fc.Arbitrary<HeldMemory> = fc.record({
  memoryId: fc.uuid(),
  category: fc.constantFrom("meals", "Meals", "work"),
  importance: share,
  confidence: share,
  usedAt: fc.option(day, { nil: undefined }),
  saidAt: day,
});
const memories = fc.uniqueArray(memory, { maxLength: 30, selector: ({ memoryId }) => memoryId });
const room: fc.Arbitrary<Room> = fc.record({
  most: fc.option(fc.nat(20), { nil: undefined }),
  mostRecent: fc.constantFrom([], [{ category: "meals", keep: 3 }]),
  leaving: fc.constantFrom("archive" as const, "remove" as const),
});
const stays = (held: readonly HeldMemory[], rules: Room) => {
  const leaving = new Set(leavingOf(held, rules));
  return held.filter(({ memoryId }) => !leaving.has(memoryId));
};

describe("the order in which memories leave", () => {
  test("is total, and the same however they come", () => {
    fc.assert(
      fc.property(memory, memory, memory, (a, b, c) => {
        expect(Math.sign(byWeakness(a, b)) + Math.sign(byWeakness(b, a))).toBe(0);
        if (byWeakness(a, b) < 0 && byWeakness(b, c) < 0) expect(byWeakness(a, c)).toBeLessThan(0);
        if (a.memoryId !== b.memoryId) expect(byWeakness(a, b)).not.toBe(0);
      }),
    );
    fc.assert(
      fc.property(memories, room, (held, rules) => {
        expect(new Set(leavingOf([...held].reverse(), rules))).toEqual(new Set(leavingOf(held, rules)));
      }),
    );
  });

  test("leaves what there is room for, and no more", () => {
    fc.assert(
      fc.property(memories, room, (held, rules) => {
        const left = stays(held, rules);
        expect(left.length).toBeLessThanOrEqual(rules.most ?? held.length);
        expect(leavingOf(left, rules)).toEqual([]);
        if (rules.mostRecent.length === 0)
          expect(left).toHaveLength(Math.min(held.length, rules.most ?? held.length));
      }),
    );
  });

  test("lets nobody stay who is less important than one who leaves for the others' sake", () => {
    fc.assert(
      fc.property(memories, fc.nat(20), (held, most) => {
        const rules: Room = { most, mostRecent: [], leaving: "archive" };
        const left = stays(held, rules);
        const gone = held.filter((one) => !left.includes(one));
        for (const one of gone)
          for (const other of left) expect(one.importance).toBeLessThanOrEqual(other.importance);
      }),
    );
  });
});

test("of a category the newest stay, whatever they are worth", () => {
  const meal = (memoryId: string, days: number, importance: number): HeldMemory => {
    const saidAt = new Date(days * 86_400_000);
    return { memoryId, category: "meals", importance, confidence: 1, usedAt: undefined, saidAt };
  };
  const meals = [meal("a", 1, 1), meal("b", 3, 0), meal("c", 2, 0.5)];
  const rules: Room = { most: undefined, mostRecent: [{ category: "Meals", keep: 2 }], leaving: "archive" };
  expect(leavingOf(meals, rules)).toEqual(["a"]);
});

test("what is used lately stays before what is not", () => {
  const one = (memoryId: string, usedAt?: Date): HeldMemory => {
    return { memoryId, category: "x", importance: 0.5, confidence: 1, usedAt, saidAt: new Date(0) };
  };
  const held = [one("a"), one("b", new Date("2026-01-01")), one("c", new Date("2025-01-01"))];
  expect(leavingOf(held, { most: 1, mostRecent: [], leaving: "remove" })).toEqual(["a", "c"]);
});
