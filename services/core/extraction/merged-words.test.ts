import { describe, expect, it } from "vitest";
import { readClaims } from "../claims/reading.ts";
import { contentOf } from "./content-testing.ts";
import { mergedWords } from "./merged-words.ts";
import type { KnownCandidate, Proposal } from "./proposal.ts";

const BATCH = { subject: { id: "s", epoch: 0 }, participants: [{ name: "Ada", role: "user" as const }] };
const SELVES = new Set(["ada"]);

function merged(knownText: string, said: string, text: string) {
  const known = { text: knownText, entities: [], reading: readClaims(knownText, SELVES) };
  const proposal = { content: contentOf(said, "m"), reading: readClaims(said, SELVES) };
  return mergedWords(proposal as unknown as Proposal, known as unknown as KnownCandidate, text, BATCH);
}

describe("what a model makes of two statements", () => {
  it.each([
    ["Ada has a dog.", "Ada's dog is called Rex.", "Ada has a dog called Rex."],
    ["Ada works at BMW.", "Ada is a senior engineer.", "Ada works at BMW as a senior engineer."],
    ["Ada doesn't eat meat.", "Ada eats fish.", "Ada eats fish but doesn't eat meat."],
    ["Ada lent Ben money.", "Ada lent Ben 200 euros.", "Ada lent Ben money, 200 euros."],
  ])("is taken where both say it: %s + %s", (known, said, text) => {
    expect(merged(known, said, text)?.content.statement.text).toBe(text);
  });

  it.each([
    ["a denial", "Ada doesn't eat meat.", "Ada eats fish.", "Ada eats fish and meat."],
    ["a denial", "Ada likes opera.", "Ada likes jazz.", "Ada likes opera but not jazz."],
    ["who did it", "Ada lent Ben money.", "Ada lent Ben 200 euros.", "Ben lent Ada 200 euros."],
    ["who did it", "Ann hit Ben.", "Ann hit Ben hard.", "Ben hit Ann hard."],
    ["a number", "Ada has 2 cats.", "Ada got them in 2024.", "Ada has 20 cats."],
    ["a name", "Annette is Ada's boss.", "Annette is kind.", "Ann is Ada's kind boss."],
  ])("is not taken where it turns %s round: %s + %s", (_, known, said, text) => {
    expect(merged(known, said, text)).toBeUndefined();
  });
});
