import { describe, expect, test } from "vitest";
import { anchoredSpan, chooseAnchor } from "./choose-anchor.ts";
import { type EventAnchor, eventAnchor } from "./event-anchor.ts";

const day = (text: string) => new Date(`${text}T00:00:00Z`);
const anchorOf = (query: string) => eventAnchor(query, []) as EventAnchor;
const memory = (text: string, from = "2026-03-15", to?: string) => ({
  text,
  validFrom: day(from),
  validTo: to === undefined ? undefined : day(to),
});

describe("the memory of an event", () => {
  test.each([
    ["Where did I live before I moved to Oslo?", ["Ada likes Oslo's trams.", "Ada moved to Oslo."], 1],
    ["Where did I live before I moved to Oslo?", ["Ada paints.", "Ada lives in Oslo."], 1],
    ["What happened after the wedding?", ["Ada's wedding was in Rome.", "Ada is Ben's wife."], 0],
    ["What happened after the wedding?", ["Ada paints.", "Ada is married to Ben."], 1],
    ["Who helped me when I started at Acme?", ["Ada works at Acme.", "Ada started a band."], 0],
  ])("%s", (query, texts, place) => {
    const memories = texts.map((text) => memory(text));
    expect(chooseAnchor(anchorOf(query), memories)).toBe(memories[place]);
  });

  test("is none that holds less than half of its words", () => {
    const anchor = anchorOf("What did I do after the charity race in Lisbon?");
    expect(chooseAnchor(anchor, [memory("Ada visited Lisbon."), memory("Ada paints.")])).toBeUndefined();
  });

  test("is none that names another place", () => {
    const anchor = anchorOf("Where did I live before I moved to Mars?");
    expect(chooseAnchor(anchor, [memory("Ada moved to Berlin.")])).toBeUndefined();
  });

  test("gives the border, or how long it lasted", () => {
    const moved = memory("Ada moved to Oslo.");
    const studied = memory("Ada was in college.", "2015-09-01", "2019-06-01");
    const span = (query: string, of = moved) => anchoredSpan(anchorOf(query), of);
    expect(span("Who did I know before I moved?")).toEqual({ from: undefined, to: moved.validFrom });
    expect(span("Who did I meet after I moved?")).toEqual({ from: moved.validFrom, to: undefined });
    // After a place: when she had left it.
    expect(span("Where did I live after College?", studied)).toEqual({
      from: studied.validTo,
      to: undefined,
    });
    expect(span("Where did I live after Oslo?")).toEqual({ from: moved.validFrom, to: undefined });
    expect(span("Who did I meet after I moved to Rome?", studied)).toEqual({
      from: studied.validFrom,
      to: undefined,
    });
    expect(span("Who helped when I moved?")).toEqual({ from: day("2026-02-13"), to: day("2026-04-14") });
    expect(span("Who was there when I was in college?", studied)).toEqual({
      from: studied.validFrom,
      to: studied.validTo,
    });
  });
});
