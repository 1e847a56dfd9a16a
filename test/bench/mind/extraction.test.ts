import { describe, expect, test } from "vitest";
import { extractionFigures, scoreExtraction } from "./extraction.ts";

const gold = {
  facts: [
    { fact: "The user lives in Lisbon.", words: [["live", "mov"], ["lisbon"]] },
    { fact: "The user has a dog.", words: [["dog"]] },
  ],
  also: [{ fact: "It rained.", words: [["rain"]] }],
  wrong: [{ fact: "The user lives in Porto.", words: [["porto"]] }],
};

describe("scoring what an extractor made of a conversation", () => {
  test("a statement tells a fact, what nobody would miss, what nobody said, or nothing", () => {
    const { statements } = scoreExtraction(gold, [
      "The user moved to Lisbon.",
      "It rained.",
      "The user might move to Porto.",
      "The user said hello.",
    ]);
    expect(statements.map(({ verdict }) => verdict)).toEqual(["fact", "also", "wrong", "junk"]);
  });

  test("a fact is told once some statement tells it, and missed where only a wrong one does", () => {
    const texts = ["The user has a dog.", "The user lives in Lisbon and in Porto."];
    expect(scoreExtraction(gold, texts).missed).toEqual(["The user lives in Lisbon."]);
    expect(scoreExtraction(gold, [...texts, "The user lives in Lisbon."]).missed).toEqual([]);
  });

  test("figures count each fact and each statement of all conversations the same", () => {
    const one = scoreExtraction(gold, ["The user moved to Lisbon.", "Hello."]);
    const two = scoreExtraction({ ...gold, facts: gold.facts.slice(1) }, ["A dog.", "Porto."]);
    expect(extractionFigures([one, two])).toEqual({
      facts: 3,
      statements: 4,
      recall: (100 * 2) / 3,
      precision: 50,
      wrong: 1,
      junk: 1,
    });
  });

  test("who was told nothing and keeps nothing has made no mistake", () => {
    expect(extractionFigures([])).toMatchObject({ recall: 100, precision: 100, wrong: 0, junk: 0 });
  });
});
