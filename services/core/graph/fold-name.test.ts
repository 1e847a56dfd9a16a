import { expect, test } from "vitest";
import { foldName } from "./fold-name.ts";

test.each([
  ["José", "jose"],
  ["SARAH", "sarah"],
  ["the Rust Foundation", "rust foundation"],
  ["Sarah's", "sarah"],
  ["James’", "james"],
  ["Dana's  project", "dana's project"],
  ["Łódź", "lodz"],
  ["Weiß", "weiss"],
  ["Acme, Inc.", "acme"],
  ["Alpine Rail GmbH", "alpine rail"],
  ["“Dune”", "dune"],
  ["The", "the"],
  ["'s", "s"],
  ["田中さん", "田中さん"],
  ["서울", "서울"],
  ["हिन्दी", "हिन्दी"],
  ["C++", "c++"],
  ["C#", "c#"],
])("%s is %s", (name, folded) => {
  expect(foldName(name)).toBe(folded);
  expect(foldName(folded)).toBe(folded);
});
