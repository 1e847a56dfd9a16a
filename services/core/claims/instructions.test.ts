import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import { asSaid, readClaims } from "./reading.ts";

const SELVES = new Set(["ada"]);
const COMPARED = {
  cosine: 0.9,
  mayEnd: () => true,
  isOtherMoment: false,
  isAnotherTime: false,
  isTalk: false,
};
const told = (what: string) => readClaims(`Ada told the assistant ${what}`, SELVES);

describe("an instruction", () => {
  it.each([
    ["to call Ada Max.", "not to call Ada Max any more."],
    ["to call Ada Max.", "to call Ada Maximilian."],
    ["to always use emojis.", "to never use emojis."],
    ["to never use emojis.", "to use emojis."],
    ["to always answer in French.", "to stop answering in French."],
    ["to always reply in English.", "to always reply in German."],
    ["to keep answers short.", "to give Ada long answers from now on."],
    ["to run make deploy when Ada says deploy.", "not to run make deploy any more when Ada says deploy."],
  ])("%s ends where Ada tells it %s", (known, fresh) =>
    expect(compare(told(fresh), told(known), COMPARED).type).toBe("ends"),
  );

  it.each([
    ["to always use metric units.", "not to use metric units for cooking."],
    ["to always cite sources.", "to always use emojis."],
    ["not to call Ada before 9.", "to call Ada Max."],
  ])("%s stays beside %s", (known, fresh) =>
    expect(compare(told(fresh), told(known), COMPARED).type).toBe("none"),
  );

  it.each([
    ["to reply in bullet points.", "Ada said: no more bullet points."],
    [
      "to ask before deleting anything.",
      "Ada said: the assistant doesn't have to ask before deleting anything.",
    ],
    ["to never use emojis.", "Ada said: the assistant can use emojis."],
  ])("%s ends by “%s”", (known, fresh) =>
    expect(compare(readClaims(fresh, SELVES), told(known), COMPARED).type).toBe("ends"),
  );

  it.each([
    ["to never use emojis.", "not to use emojis."],
    ["to call Ada Max.", "to call Ada Max."],
  ])("%s is known where Ada tells it %s", (known, fresh) =>
    expect(compare(told(fresh), told(known), COMPARED).type).toBe("same"),
  );
});

describe("what was a mistake", () => {
  const reads = (text: string, said: string) => asSaid(readClaims(text, SELVES), said).admitsMistake;
  it.each([
    "Sorry, my sister lives in Milan, not Rome.",
    "Oops, my sister lives in Milan.",
    "No wait, my sister lives in Milan.",
    "Correction: my sister lives in Milan.",
  ])("was never so: %s", (said) => expect(reads("Ada's sister lives in Milan, not Rome.", said)).toBe(true));

  it.each(["Sorry, my sister lives in Milan now, not Rome.", "My sister lives in Milan, not Rome any more."])(
    "was so until now: %s",
    (said) => expect(reads("Ada's sister lives in Milan now, not Rome.", said)).toBe(false),
  );
});
