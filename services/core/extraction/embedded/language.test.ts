import { expect, it } from "vitest";
import { TAGGER_LASTS, tokenize } from "./language.ts";

it("reads alike when another tagger has taken the place of one that has read much", () => {
  const read = () => tokenize("Ada reports to Priya, who left Quillbert's in May.");
  const first = read();
  const long = "Marta walks to Brno. ".repeat(5_000);
  for (let sum = 0; sum <= TAGGER_LASTS; sum += long.length) tokenize(long);
  expect(read()).toEqual(first);
});
