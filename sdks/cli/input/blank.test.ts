import { getOption } from "@bufbuild/protobuf";
import { predefined } from "@mneme/proto/buf/validate/validate_pb.js";
import { not_blank } from "@mneme/proto/mneme/options/v1/text_rules_pb.js";
import { expect, it } from "vitest";
import { isBlank } from "./blank.ts";

const [rule] = getOption(not_blank, predefined).cel;
const [, pattern = ""] = /matches\(r'(.*)'\)/.exec(rule?.expression ?? "") ?? [];

it("is what the contract takes for blank, character by character", () => {
  const isShown = new RegExp(pattern, "u");
  const other: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code);
    if (character.isWellFormed() && isBlank(character) === isShown.test(character))
      other.push(code.toString(16));
  }
  expect(pattern).not.toBe("");
  expect(other).toEqual([]);
});

it.each([
  ["nothing", "", true],
  ["white space", " \t\n\u00a0\u3000", true],
  ["what has no width", "\u200b\u2060\ufeff", true],
  ["fillers", "\u3164\uffa0\u115f\u2800", true],
  ["one letter among them", "\u3164a\u200b", false],
  ["a picture", "❤\ufe0f", false],
])("%s", (_, text, expected) => {
  expect(isBlank(text)).toBe(expected);
});
