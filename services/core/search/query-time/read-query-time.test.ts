import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mayBeMeant, readQueryTime } from "./read-query-time.ts";

/** A Sunday. */
const NOW = new Date("2026-11-22T14:00:00Z");
const dayText = (date: Date | undefined) => date?.toISOString().slice(0, 10) ?? "";
const read = (query: string) => {
  const time = readQueryTime(query, NOW);
  return time && [time.kind, dayText(time.span.from), dayText(time.span.to)];
};

describe("the time that a query names", () => {
  test.each([
    ["What did I eat yesterday?", "2026-11-21", "2026-11-22"],
    ["What did I say this morning?", "2026-11-22", "2026-11-23"],
    ["Who did I meet two weeks ago?", "2026-11-08", "2026-11-15"],
    ["Who called a few days ago?", "2026-11-19", "2026-11-20"],
    ["What did I do on Friday?", "2026-11-20", "2026-11-21"],
    ["Where was I the weekend before last?", "2026-11-07", "2026-11-09"],
    ["What did I do last spring?", "2026-03-01", "2026-06-01"],
    ["Where did I go in the summer of 2023?", "2023-06-01", "2023-09-01"],
    ["Where did we go two summers ago?", "2025-06-01", "2025-09-01"],
    ["What did we do over Christmas?", "2025-12-24", "2026-01-02"],
    ["Who came last Christmas?", "2025-12-24", "2026-01-02"],
    ["What did I watch in the last two weeks?", "2026-11-08", "2026-11-23"],
    ["What did I read during the past month?", "2026-10-22", "2026-11-23"],
    ["What did I paint recently?", "2026-09-23", "2026-11-23"],
    ["What do I plan for next week?", "2026-11-23", "2026-11-30"],
  ])("%s is counted from now", (query, from, to) => expect(read(query)).toEqual(["relative", from, to]));

  test.each([
    ["What happened in May 2023?", "2023-05-01", "2023-06-01"],
    ["What did I do on 7 May 2023?", "2023-05-07", "2023-05-08"],
    ["What did I buy in 2021?", "2021-01-01", "2022-01-01"],
    ["What did we do in March?", "2026-03-01", "2026-04-01"],
  ])("%s names a date", (query, from, to) => expect(read(query)).toEqual(["date", from, to]));

  test.each([
    ["What happened between March and May?", "2026-03-01", "2026-06-01"],
    ["Where was I from 2019 to 2021?", "2019-01-01", "2022-01-01"],
    ["Where was John between August 11 and August 15 2023?", "2023-08-11", "2023-08-16"],
    ["What have I read since 2022?", "2022-01-01", ""],
    ["What changed since last summer?", "2026-06-01", ""],
    ["Where did I live before June?", "", "2026-06-01"],
    ["Who was my doctor until 2018?", "", "2019-01-01"],
    ["What did I do after 3 June 2025?", "2025-06-04", ""],
    ["What did John do the week before August 3, 2023?", "2023-07-27", "2023-08-03"],
    ["What did I listen to in the 1990s?", "1990-01-01", "2000-01-01"],
  ])("%s names a range", (query, from, to) => expect(read(query)).toEqual(["range", from, to]));

  test.each([
    ["Where did I live before I moved to Oslo?", "before", "I moved to Oslo", ["mov", "oslo"]],
    ["What happened after the wedding?", "after", "the wedding", ["wed"]],
    ["How was I when I started at Acme?", "when", "I started at Acme", ["start", "acm"]],
    ["What did I eat during my trip to Japan?", "when", "my trip to Japan", ["trip", "japan"]],
    ["Since the accident, what do I avoid?", "after", "the accident", ["accident"]],
    ["What did I do before I moved in May?", "before", "I moved in May", ["mov"]],
  ])("%s tells it by an event", (query, relation, phrase, words) => {
    const time = readQueryTime(query, NOW);
    expect(time).toMatchObject({ kind: "event", withEnded: true, anchor: { relation, phrase, words } });
  });

  test.each([
    "Where did I live before?",
    "What did I use to drink?",
    "What was my previous job?",
    "Who is my ex-husband?",
    "Who was formerly my boss?",
    "What was my old address?",
  ])("%s asks for what is over", (query) => expect(read(query)).toEqual(["past", "", ""]));

  test.each([
    "Where do I live?",
    "When did I move?",
    "What do I do when I'm sad?",
    "What do I drink before bed?",
    "Do I like spring rolls?",
    "What may I eat?",
    "What changed since then?",
    "Who was I with after that?",
    "What is the last book I read?",
  ])("%s names none", (query) => expect(read(query)).toBeUndefined());

  test("relative times are counted from the moment that is given", () => {
    const then = readQueryTime("What did I do last month?", new Date("2024-03-31T23:00:00Z"));
    expect(then?.span).toEqual({ from: new Date("2024-02-01"), to: new Date("2024-03-01") });
  });

  test("what would end before it begins is no range", () => {
    const then = readQueryTime("From 2023 until May", new Date("1970-01-01"));
    expect(then?.span).toEqual({ from: undefined, to: new Date("1969-06-01") });
  });

  test("any text is read, and what it names begins before it ends", () => {
    const words = fc.constantFrom(
      ..."before after since until between and from to the last two weeks ago May 2023 3 summer of I moved yesterday in".split(
        " ",
      ),
    );
    const texts = fc.oneof(
      fc.array(words, { maxLength: 12 }).map((all) => all.join(" ")),
      fc.string({ unit: "grapheme", maxLength: 80 }),
    );
    fc.assert(
      fc.property(texts, fc.date({ noInvalidDate: true, min: new Date(0), max: NOW }), (text, now) => {
        const { from, to } = readQueryTime(text, now)?.span ?? {};
        if (from && to) expect(from.getTime()).toBeLessThan(to.getTime());
      }),
      { numRuns: 500 },
    );
  });
});

describe("what has ended", () => {
  const meant = (query: string, from: string, to: string) => {
    const time = readQueryTime(query, NOW);
    return time && mayBeMeant({ from: new Date(from), to: new Date(to) }, time, NOW);
  };
  test("is meant where it was so in the time asked about", () => {
    expect(meant("Where did I live in 2021?", "2019-01-01", "2021-06-01")).toBe(true);
    expect(meant("Where did I live in 2021?", "2019-01-01", "2020-06-01")).toBe(false);
    expect(meant("Where did I live before June?", "2019-01-01", "2020-06-01")).toBe(true);
    expect(meant("Where did I live before?", "2019-01-01", "2020-06-01")).toBe(true);
  });
  test("is not where an event is found nowhere", () =>
    expect(meant("What did I do after the wedding?", "2019-01-01", "2020-06-01")).toBe(false));
});
