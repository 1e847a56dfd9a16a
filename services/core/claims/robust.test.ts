import { describe, expect, it } from "vitest";
import { forgetRequest } from "./forgetting/request.ts";
import { readClaims } from "./reading.ts";

const SELVES = new Set(["the user", "ada"]);
/** As long as the longest statement that is written. */
const LENGTH = 3_000;

/** What a careless pattern reads in exponential time. */
const RUNS = [
  ",",
  ", ",
  "please ",
  "to ",
  "please, ",
  "and please, ",
  "can you please ",
  "you can ",
  "not ",
  "not to ",
  "the other person ",
  "Ada would like the other person to ",
  "forget ",
  "forget about ",
  "from memory ",
  "anything about ",
  "that I told you ",
  "x",
  "A",
  "A's ",
  "is ",
  "now ",
  "no longer ",
  "1 ",
  '"',
  '", said: ',
  "Ada, asked ",
  ". ",
  "? ",
  "'s ",
  "my sister's ",
  "if ",
  "and ",
  "wants to ",
];

describe("a run of", () => {
  it.each(RUNS)("%j is read to its end", (run) => {
    const text = run.repeat(Math.ceil(LENGTH / run.length)).slice(0, LENGTH);
    for (const one of [text, `Please delete ${text}`, `Ada ${text}`, `${text} forget that`]) {
      forgetRequest(one);
      expect(readClaims(one, SELVES).words).toBeInstanceOf(Set);
    }
  });
});
