import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS } from "../../time/day.ts";
import { endedFit, fitOf, type MemoryTime, wasSoIn } from "./time-span.ts";

const at = (day: number) => new Date(Date.UTC(2026, 0, 1) + day * DAY_MS);
const days = fc.integer({ min: 0, max: 400 });
const ends = fc.option(days, { nil: undefined });
const memories: fc.Arbitrary<MemoryTime> = fc
  .record({ said: days, from: days, lasts: ends })
  .map(({ said, from, lasts }) => ({
    saidAt: at(said),
    validFrom: at(from),
    validTo: lasts === undefined ? undefined : at(from + lasts),
  }));
const spans = fc.record({ from: days, lasts: fc.integer({ min: 1, max: 90 }) });

test("a fit is a share, whole for what began or was so and ended in the span, half at least for what was told in it", () => {
  fc.assert(
    fc.property(memories, spans, (memory, { from, lasts }) => {
      const span = { from: at(from), to: at(from + lasts) };
      const fit = fitOf(memory, span);
      expect(fit).toBeGreaterThanOrEqual(0);
      expect(fit).toBeLessThanOrEqual(1);
      const inside = (moment: Date) => moment >= span.from && moment < span.to;
      if (inside(memory.validFrom)) expect(fit).toBe(1);
      if (inside(memory.saidAt)) expect(fit).toBeGreaterThanOrEqual(0.5);
      if (memory.validTo && memory.validTo > memory.validFrom && wasSoIn(memory, span)) expect(fit).toBe(1);
    }),
  );
});

test("a wider span never fits worse", () => {
  fc.assert(
    fc.property(
      memories,
      spans,
      fc.nat({ max: 50 }),
      fc.nat({ max: 50 }),
      (memory, { from, lasts }, a, b) => {
        const narrow = fitOf(memory, { from: at(from), to: at(from + lasts) });
        expect(fitOf(memory, { from: at(from - a), to: at(from + lasts + b) })).toBeGreaterThanOrEqual(
          narrow - 1e-9,
        );
      },
    ),
  );
});

test("what was so before and is so still fits less, and what begins later not at all", () => {
  const span = { from: at(100), to: at(110) };
  const still = { saidAt: at(10), validFrom: at(10), validTo: undefined };
  expect(fitOf(still, span)).toBeCloseTo(0.3);
  expect(fitOf({ saidAt: at(200), validFrom: at(200), validTo: undefined }, span)).toBe(0);
  expect(fitOf({ ...still, validTo: at(50) }, span)).toBe(0);
});

test("days around a span fit in part, at open ends not", () => {
  const said = (day: number) => ({ saidAt: at(day), validFrom: at(day), validTo: at(day) });
  expect(fitOf(said(112), { from: at(100), to: at(110) })).toBeCloseTo(0.6);
  expect(fitOf(said(112), { from: undefined, to: at(110) })).toBe(0);
});

test("what has ended answers for its share of a span, and before a border for how long it lasted", () => {
  const was = { validFrom: at(10), validTo: at(40) };
  const fit = (from: number | undefined, to: number | undefined) =>
    endedFit(was, {
      from: from === undefined ? undefined : at(from),
      to: to === undefined ? undefined : at(to),
    });
  expect(fit(20, 30)).toBe(1);
  expect(fit(30, 50)).toBe(0.5);
  expect(fit(40, 50)).toBe(0);
  expect(fit(undefined, 40)).toBe(1);
  expect(fit(undefined, 30)).toBe(1);
  expect(fit(undefined, 71)).toBe(1);
  expect(fit(undefined, 72)).toBeCloseTo(1 / 3);
  expect(fit(undefined, 10)).toBe(0);
  expect(fit(20, undefined)).toBe(0);
  expect(fit(undefined, undefined)).toBe(0);
});
