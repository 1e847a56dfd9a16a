import { describe, expect, test } from "vitest";
import { rareWords } from "./rare-words.ts";

describe("rareWords", () => {
  test.each([
    ["k100095", ["k100095"]],
    ["Which box holds K100095?", ["k100095"]],
    ["What is order (AB-1234), and invoice #20231?", ["ab-1234", "20231"]],
    ["who set MAX_RETRY_7 in v2.3.1 of the build?", ["max_retry_7", "v2.3.1"]],
    ["Did 3,000 people come?", ["3,000"]],
    ["What did zbigniew's brother cook?", ["zbigniew"]],
    ["Where is room B12, says Zbigniew", ["b12", "zbigniew"]],
  ])("reads those of %s", (text, expected) => expect(rareWords(text)).toEqual(expected));

  test.each([
    "What did they cook at the lake?",
    "What happened on 15 July 2023, at 10:30 or 3pm?",
    "Was it 2024-05-20, 20/5/24 or the 90s?",
    "Are 12 apples 3.50 each, 5kg for 20%?",
    "What was the name of the photographer from Barcelona?",
    "",
    "?!",
  ])("finds none in %s", (text) => expect(rareWords(text)).toEqual([]));

  test("reads codes alone in a language whose words all look rare", () => {
    expect(rareWords("Ką Jonas pasakojo apie sandėlininkų pamainą k100095?")).toEqual(["k100095"]);
  });

  test("gives four at most, and none that is a whole address", () => {
    expect(rareWords("a1 b2 c3 d4 e5")).toEqual(["a1", "b2", "c3", "d4"]);
    expect(rareWords(`https://x.org/${"a1-".repeat(60)}z`)).toEqual([]);
  });
});
