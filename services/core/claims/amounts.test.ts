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

describe("another number of the same, as often, ends the one before", () => {
  test.each([
    ["Ada takes 10 mg of lisinopril every morning.", "Ada takes 20 mg of lisinopril every morning."],
    ["Ada takes 10mg of lisinopril.", "The doctor put Ada on 20 mg of lisinopril."],
    ["Ada drinks three coffees a day.", "Ada is down to one coffee a day."],
    ["Ada drinks three coffees a day.", "Ada drinks only one coffee a day now."],
    ["Ada swims twice a week.", "Ada swims three times a week."],
    ["Ada works 5 days a week.", "Ada works 4 days a week."],
    ["Ada has two kids.", "Ada's third child was born in May."],
  ])("%s / %s", (known, fresh) => expect(relation(known, fresh)).toBe("ends"));
});

describe("a number of something else, or of once, stands beside it", () => {
  test.each([
    ["Ada takes 10 mg of lisinopril.", "Ada takes 20 mg of omeprazole."],
    ["Ada takes 10 mg of lisinopril in the morning.", "Ada takes 5 mg of lisinopril at night."],
    ["Ada takes 400 mg of ibuprofen.", "Ada took 600 mg of ibuprofen on 2 May 2026."],
    ["Ada drinks three coffees a day.", "Ada drank one coffee on 2 May 2026."],
    ["Ada drinks three coffees a day.", "Ada drinks two beers a week."],
    ["Ada walks 5 km every day.", "Tom walks 10 km every day."],
    ["Ada takes the 42 bus on Mondays.", "Ada takes the 61 bus on Fridays."],
    ["Ada reads 20 books a year.", "Ada read 3 books this week."],
  ])("%s / %s", (known, fresh) => expect(relation(known, fresh)).toBe("none"));
});

describe("what was given up is done again", () => {
  test.each([
    ["Ada quit smoking in 2025.", "Ada started smoking again."],
    ["Ada doesn't smoke.", "Ada is back on the cigarettes."],
    ["Ada gave up alcohol in January 2026.", "Ada is drinking again, sadly."],
    ["Ada stopped running because of Ada's knee.", "Ada is running again."],
  ])("%s / %s", (known, fresh) => expect(relation(known, fresh)).toBe("ends"));

  test.each([
    ["Ada quit smoking in 2025.", "Ada's brother started smoking again."],
    ["Ada quit smoking in 2025.", "Ada almost started smoking again."],
    ["Ada quit smoking in 2025.", "Ada wants to start smoking again."],
  ])("not by %s / %s", (known, fresh) => expect(relation(known, fresh)).toBe("none"));
});

describe("what somebody became", () => {
  test.each([
    ["Ada is a nurse.", "Ada became a midwife in October 2026.", "ends"],
    ["Ada is a mother.", "Ada became a nurse in 2025.", "none"],
    ["Ada is a teacher.", "Ada became a member of the choir.", "none"],
  ])("%s / %s", (known, fresh, type) => expect(relation(known, fresh)).toBe(type));
});
