import { expect, it } from "vitest";
import { TAGGER_LASTS, tokenize } from "./language.ts";

it("reads alike when another tagger has taken the place of one that has read much", () => {
  const read = () => tokenize("Ada reports to Priya, who left Quillbert's in May.");
  const first = read();
  const long = "Marta walks to Brno. ".repeat(5_000);
  for (let sum = 0; sum <= TAGGER_LASTS; sum += long.length) tokenize(long);
  expect(read()).toEqual(first);
});

it.each([
  ["My mum lives in Leeds.", "lives", "VERB", "live"],
  ["Tom works at Shell.", "works", "VERB", "work"],
  ["My son plays the violin.", "plays", "VERB", "play"],
  ["A cat has nine lives.", "lives", "NOUN", "life"],
  ["The works of art are odd.", "works", "NOUN", "work"],
  ["My media studies course is long.", "studies", "NOUN", "study"],
])("of “%s” takes “%s” for a %s", (text, word, pos, lemma) => {
  expect(tokenize(text).find(({ value }) => value === word)).toMatchObject({ pos, lemma });
});
