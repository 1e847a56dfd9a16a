import { describe, expect, test } from "vitest";
import { compare } from "./compare.ts";
import { readClaims } from "./reading.ts";

const SELVES = new Set(["the user", "user", "ada"]);
const read = (text: string) => readClaims(text, SELVES);

function relation(known: string, fresh: string): string {
  const compared = {
    cosine: 0.8,
    mayEnd: () => true,
    isOtherMoment: false,
    isAnotherTime: false,
    isTalk: false,
  };
  return compare(read(fresh), read(known), compared).type;
}

describe("how something was says nothing of how it is", () => {
  test.each([
    ["Ada is married to Ben.", "Ada was married to Tom until 2018."],
    ["Ada is vegan.", "Ada was vegetarian until 2019."],
    ["Ada's name is Dana Reed.", "Ada's name was Dana Cole until Ada married."],
    ["Ada's girlfriend is Mia.", "Ada's girlfriend in college was Zoe."],
    ["Ada's phone number is 555 1234.", "Ada's phone number was 555 9999 until 2020."],
    ["Ada's rent is 900 euros.", "Ada's rent was 700 euros back in Leeds."],
    ["Ada's email is ada@mail.com.", "Ada's email used to be old@mail.com."],
    ["Ada was married to Tom.", "Ada is married to Ben."],
    ["Ada's son is 8.", "Ada's son was 3 when Ada and others moved here."],
  ])("%s / %s", (known, fresh) => expect(relation(known, fresh)).toBe("none"));
});

describe("what was moved, raised or is over is otherwise", () => {
  test.each([
    ["Ada is married to Tom.", "Ada was married to Tom until 2026."],
    ["Ada's rent is 900 euros.", "Ada's rent was raised to 950 euros."],
    ["Ada's email is ada@mail.com.", "Ada's email is bob@mail.com."],
    ["Ada's wedding is on 5 May 2027.", "Ada's wedding was moved to 9 May 2027."],
  ])("%s / %s", (known, fresh) => expect(relation(known, fresh)).toBe("ends"));
});
