import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../time/day.ts";
import { fadesAt, strengthOf } from "./strength.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const daysAgo = (days: number) => new Date(NOW.getTime() - days * DAY_MS);
const days = fc.double({ min: 0, max: 5_000, noNaN: true });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const halfLife = fc.integer({ min: 1, max: 36_500 });
const at = (importance: number, halfLifeDays: number | undefined, idle: number) =>
  strengthOf({ importance, halfLifeDays, refreshedAt: daysAgo(idle) }, NOW);

describe("strength", () => {
  it.each([
    [0.5, 30, 0, 1],
    [0.5, 30, 30, 0.5],
    [0.5, 30, 60, 0.25],
    [1, 30, 45, 0.5],
    [0, 30, 15, 0.5],
    [0.5, undefined, 5_000, 1],
  ])(
    "of importance %s, half life %s and %s days without anything is %s",
    (importance, life, idle, strength) => {
      expect(at(importance, life, idle)).toBeCloseTo(strength, 12);
    },
  );

  it("is above 0 and at most 1, and whole for what is refreshed now or later", () => {
    fc.assert(
      fc.property(share, halfLife, days, (importance, life, idle) => {
        const strength = at(importance, life, idle);
        expect(strength).toBeGreaterThan(0);
        expect(strength).toBeLessThanOrEqual(1);
        expect(at(importance, life, -idle)).toBe(1);
      }),
    );
  });

  it("falls with time, and rises with importance and with the half life", () => {
    fc.assert(
      fc.property(share, share, halfLife, halfLife, days, days, (a, b, short, long, early, late) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const [shorter, longer] = [Math.min(short, long), Math.max(short, long)];
        expect(at(a, short, Math.max(early, late))).toBeLessThanOrEqual(at(a, short, Math.min(early, late)));
        expect(at(less, short, early)).toBeLessThanOrEqual(at(more, short, early));
        expect(at(a, shorter, early)).toBeLessThanOrEqual(at(a, longer, early));
      }),
    );
  });

  it("is refreshed by use: what was used later is never weaker", () => {
    fc.assert(
      fc.property(share, halfLife, days, days, (importance, life, told, sinceUse) => {
        const used = Math.min(told, sinceUse);
        expect(at(importance, life, used)).toBeGreaterThanOrEqual(at(importance, life, told));
      }),
    );
  });

  it("is nowhere below what nothing that was refreshed since may be below", () => {
    const least = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(share, halfLife, days, least, (importance, life, idle, below) => {
        const memory = { importance, halfLifeDays: life, refreshedAt: daysAgo(idle) };
        const border = fadesAt(memory, below);
        const moment = (ms: number) => new Date((border ?? NOW).getTime() + ms);
        expect(strengthOf(memory, moment(-60_000))).toBeGreaterThanOrEqual(below);
        if (border) expect(strengthOf(memory, moment(60_000))).toBeLessThanOrEqual(below);
      }),
    );
    const fading = { importance: 0.5, refreshedAt: NOW };
    expect(fadesAt({ ...fading, halfLifeDays: undefined }, 0.5)).toBeUndefined();
    expect(fadesAt({ ...fading, halfLifeDays: 30 }, 0)).toBeUndefined();
  });
});
