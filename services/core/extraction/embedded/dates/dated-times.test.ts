import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { resolveDates } from "./dates.ts";
import type { Tense } from "./phrases.ts";
import { tenseAt } from "./tense.ts";

function at(said: string, text: string, tense?: Tense): string {
  return resolveDates(text, new Date(`${said}T10:00:00Z`), (index) => tense ?? tenseAt(text, index)).text;
}

describe("times counted from the message", () => {
  test.each([
    // A Friday.
    ["2026-07-10", "We met a fortnight ago", "We met around 26 June 2026"],
    ["2026-12-25", "We leave in two fortnights", "We leave around 22 January 2027"],
    ["2026-07-10", "We met two Saturdays ago", "We met on 27 June 2026"],
    ["2026-07-10", "We met one Friday ago", "We met on 3 July 2026"],
    ["2026-07-10", "The race is three Mondays from now", "The race is on 27 July 2026"],
    ["2026-07-10", "I work three days a week from now on", "I work three days a week from now on"],
    ["2026-12-30", "The race is in two Wednesdays", "The race is on 13 January 2027"],
    ["2026-07-10", "We camped two weekends ago", "We camped on the weekend of 27 June 2026"],
    ["2026-07-12", "We camped two weekends ago", "We camped on the weekend of 27 June 2026"],
    ["2026-07-10", "We move the week after next", "We move in the week of 20 July 2026"],
    ["2026-12-31", "We move the week after next", "We move in the week of 11 January 2027"],
    ["2026-12-31", "We move the month after next", "We move in February 2027"],
    ["2026-07-10", "We move the year after next", "We move in 2028"],
    ["2027-01-01", "It broke the week before last", "It broke in the week of 14 December 2026"],
    ["2026-01-31", "It broke the month before last", "It broke in November 2025"],
    ["2026-07-10", "It broke the night before last", "It broke on the night of 8 July 2026"],
    // "Next Friday" is the 15th, as "next week" is the one of the 11th.
    ["2026-05-06", "The exam is the Friday after next", "The exam is on 22 May 2026"],
    ["2026-05-06", "I fly Friday after next", "I fly on 22 May 2026"],
    ["2026-05-08", "I fly the Friday after next", "I fly on 22 May 2026"],
    ["2026-05-10", "I fly on the Monday after next", "I fly on 18 May 2026"],
    ["2026-05-06", "We camp the weekend after next", "We camp on the weekend of 23 May 2026"],
    ["2026-05-06", "We camp the next-but-one weekend", "We camp on the weekend of 23 May 2026"],
    ["2026-05-06", "Next week but one we move", "In the week of 18 May 2026 we move"],
    ["2026-05-06", "It broke last Friday but one", "It broke on 24 April 2026"],
    ["2026-07-10", "We met the Friday before last", "We met on 26 June 2026"],
    ["2026-07-08", "We met the Friday before last", "We met on 26 June 2026"],
    ["2026-07-10", "I ran this past weekend", "I ran on the weekend of 4 July 2026"],
    ["2026-07-10", "I ran this past Friday", "I ran on 3 July 2026"],
    ["2026-07-10", "I run this coming weekend", "I run on the weekend of 11 July 2026"],
    ["2026-07-10", "The upcoming Friday I run", "On 17 July 2026 I run"],
    ["2026-07-10", "We fly this coming June", "We fly in June 2027"],
    ["2026-07-10", "We flew this past June", "We flew in June 2026"],
    ["2026-07-10", "We married three years ago this coming June", "We married in June 2024"],
    ["2026-07-10", "We married three years ago this June", "We married in June 2023"],
    ["2026-07-10", "We met a year ago last March", "We met in March 2025"],
    ["2026-07-10", "We met five years ago today", "We met on 10 July 2021"],
    ["2024-02-29", "We met a year ago today", "We met on 28 February 2023"],
    ["2026-07-10", "I saw her on Tuesday of last week", "I saw her on 30 June 2026"],
    ["2026-07-12", "Next week on Tuesday we meet", "On 14 July 2026 we meet"],
    ["2026-07-10", "We leave in ten days' time", "We leave on 20 July 2026"],
    ["2026-07-10", "We decided to leave in ten days", "We decided to leave on 20 July 2026"],
    ["2026-07-10", "The first exam is in ten days", "The first exam is on 20 July 2026"],
    ["2026-07-10", "It happened last year in June", "It happened in June 2025"],
    ["2026-07-10", "We sold it at the end of last month", "We sold it at the end of June 2026"],
    ["2026-07-10", "I left at the end of May", "I left at the end of May 2026"],
    ["2026-03-31", "We met a month ago", "We met around February 2026"],
    ["2026-01-31", "We fly next month", "We fly in February 2026"],
    ["2026-08-31", "I moved half a year ago", "I moved around February 2026"],
    ["2026-07-10", "I saw him a couple of weeks ago", "I saw him around 26 June 2026"],
    ["2026-07-10", "I have lived here since May", "I have lived here since May 2026"],
    ["2026-05-31", "I have lived here since May", "I have lived here since May 2026"],
  ])("said on %s: %s", (said, text, expected) => expect(at(said, text)).toBe(expected));

  test.each([
    ["2026-07-10", "I saw him the other day"],
    ["2026-07-10", "We met a week ago Friday"],
    ["2026-07-10", "We camped the week before last Easter"],
    ["2026-07-10", "Our upcoming Friday meeting is off"],
    ["2026-07-11", "We camped this past weekend"],
    ["2026-07-10", "We fly this coming July"],
    ["2026-07-10", "Finish it in a fortnight"],
    ["2026-07-10", "I haven't seen her in two years"],
    ["2026-07-10", "I had my first steak in ten years"],
    ["2026-07-10", "The best summer in 20 years"],
    ["2026-07-10", "It took half a year"],
    ["2026-07-10", "Much happened in the last month"],
    ["2026-07-10", "It was my last month"],
    ["2026-07-10", "It opens in a month and a half"],
    ["2026-07-10", "It opens in a month or two"],
    ["2026-07-10", "It opened one or two months ago"],
    ["2026-07-10", "They owe me two months back pay"],
    ["2026-07-10", "We met on Friday"],
    ["2026-07-10", "I live on the 3rd floor"],
    ["2026-07-10", "I was there on the 3rd and the 4th"],
    ["2026-07-10", "I was there on the 32nd"],
  ])("left alone, said on %s: %s", (said, text) => expect(at(said, text)).toBe(text));

  const UNITS = { day: 1, week: 7, fortnight: 14 } as const;
  const days = fc.date({ min: new Date("2000-01-01"), max: new Date("2060-01-01"), noInvalidDate: true });
  const start = (text: string, said: Date) =>
    resolveDates(text, said, (index) => tenseAt(text, index)).dates[0]?.start;
  const gap = (date: Date | undefined, said: Date) =>
    ((date?.getTime() ?? Number.NaN) - Math.floor(said.getTime() / 86_400_000) * 86_400_000) / 86_400_000;

  test("so many units ago and in so many lie equally far from the message", () => {
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 2, max: 40 }),
        fc.constantFrom(...(Object.keys(UNITS) as (keyof typeof UNITS)[])),
        (said, count, unit) => {
          expect(gap(start(`We met ${count} ${unit}s ago`, said), said)).toBe(-count * UNITS[unit]);
          expect(gap(start(`We meet in ${count} ${unit}s`, said), said)).toBe(count * UNITS[unit]);
        },
      ),
    );
  });

  test("months and years count on the calendar, whatever the day of the month", () => {
    const month = (date: Date | undefined) =>
      (date?.getUTCFullYear() ?? Number.NaN) * 12 + (date?.getUTCMonth() ?? Number.NaN);
    fc.assert(
      fc.property(days, fc.integer({ min: 2, max: 30 }), (said, count) => {
        expect(month(start(`We met ${count} months ago`, said))).toBe(month(said) - count);
        expect(month(start(`We meet in ${count} months`, said))).toBe(month(said) + count);
        expect(start(`We met ${count} years ago`, said)?.getUTCFullYear()).toBe(
          said.getUTCFullYear() - count,
        );
      }),
    );
  });

  test("the nth weekday ago and from now are weekdays, n weeks off, never the day itself", () => {
    const names = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"];
    fc.assert(
      fc.property(days, fc.integer({ min: 2, max: 20 }), fc.nat(6), (said, count, weekday) => {
        const behind = start(`We met ${count} ${names[weekday]} ago`, said);
        const ahead = start(`We meet ${count} ${names[weekday]} from now`, said);
        expect([behind?.getUTCDay(), ahead?.getUTCDay()]).toEqual([weekday, weekday]);
        const [back, on] = [-gap(behind, said), gap(ahead, said)];
        for (const distance of [back, on]) {
          expect(distance).toBeGreaterThan(7 * (count - 1));
          expect(distance).toBeLessThanOrEqual(7 * count);
        }
        const same = weekday === said.getUTCDay();
        expect(back + on).toBe(7 * (2 * count - (same ? 0 : 1)));
      }),
    );
  });
});

describe("days and months without a year", () => {
  test.each<[string, string, Tense, string]>([
    ["2026-02-10", "I saw her on the 3rd", "past", "I saw her on 3 February 2026"],
    ["2026-02-10", "I saw her on the 30th", "past", "I saw her on 30 January 2026"],
    ["2026-02-10", "I see her on the 30th", "future", "I see her on 30 March 2026"],
    ["2026-12-31", "I start on the 1st", "future", "I start on 1 January 2027"],
    ["2027-01-01", "I left on the 31st", "past", "I left on 31 December 2026"],
    ["2026-07-20", "The exam is on the 20th", "future", "The exam is on 20 July 2026"],
    ["2026-07-10", "It was moved to the 20th", "future", "It was moved to 20 July 2026"],
    ["2026-07-10", "I swim on the 20th", "habit", "I swim on the 20th"],
    ["2026-07-10", "I was there on the 5th of June", "past", "I was there on 5 June 2026"],
    ["2026-03-01", "I graduate in February", "future", "I graduate in February 2027"],
    ["2026-02-28", "I graduate in February", "future", "I graduate in February 2026"],
    ["2026-05-01", "The show opens in April", "future", "The show opens in April 2027"],
    ["2028-03-05", "We flew on 29 February", "past", "We flew on 29 February 2028"],
    ["2026-07-10", "I love Rome in May", "present", "I love Rome in May"],
    ["2026-07-10", "Trip to Rome in May", "unsaid", "Trip to Rome in May 2026"],
    ["2026-07-10", "Trip to Rome in January", "unsaid", "Trip to Rome in January"],
    ["2026-07-08", "I swim on Friday", "habit", "I swim on Friday"],
    ["2026-07-08", "I swam on Friday", "past", "I swam on 3 July 2026"],
    ["2026-07-08", "I swim on Friday", "future", "I swim on 10 July 2026"],
  ])("said on %s: %s (%s)", (said, text, tense, expected) => expect(at(said, text, tense)).toBe(expected));
});

describe("times with an end", () => {
  test.each<[string, string, Tense, string]>([
    ["2026-07-10", "from December to February", "past", "from December 2025 to February 2026"],
    ["2026-07-10", "from December to February", "future", "from December 2026 to February 2027"],
    ["2026-01-10", "from December to February", "future", "from December 2025 to February 2026"],
    ["2026-07-10", "between March and June", "past", "between March and June 2026"],
    ["2026-07-10", "between March and June", "future", "between March and June 2027"],
    ["2026-07-10", "from 3 to 5 May", "past", "from 3 to 5 May 2026"],
    ["2026-07-10", "between 3 and 5 May", "future", "between 3 and 5 May 2027"],
    ["2026-07-10", "from the 3rd to the 5th of May", "past", "from the 3rd to the 5th of May 2026"],
    ["2026-07-10", "from 28 December to 3 January", "past", "from 28 December 2025 to 3 January 2026"],
    ["2026-07-10", "from May 2018 to March", "past", "from May 2018 to March 2019"],
    ["2026-07-10", "from December to February", "habit", "from December to February"],
    ["2026-07-10", "from Monday to Thursday", "past", "from Monday to Thursday"],
    ["2026-07-10", "from 9 to 5 on Friday", "past", "from 9 to 5 on Friday"],
  ])("said on %s: %s (%s)", (said, text, tense, expected) => {
    expect(at(said, `I was in Rome ${text}`, tense)).toBe(`I was in Rome ${expected}`);
  });

  test.each([
    ["I was there from 3 to 5 May", ["2026-05-03", undefined], ["2026-05-05", true]],
    ["I lived there until 2018", ["2018-01-01", true]],
    ["I worked there till May", ["2026-05-01", true]],
    ["I lived there before May", ["2026-05-01", true]],
    ["I was ill up until last week", ["2026-06-29", true]],
    ["I lived there from 2010 until 2018", ["2010-01-01", undefined], ["2018-01-01", true]],
    ["I lived there since 2018", ["2018-01-01", undefined]],
    ["I didn't start until May", ["2026-05-01", undefined]],
  ])("tells what ends: %s", (text, ...expected) => {
    const { dates } = resolveDates(text, new Date("2026-07-10T10:00:00Z"), () => "past");
    expect(dates.map(({ start, ends }) => [start.toISOString().slice(0, 10), ends])).toEqual(expected);
  });
});
