import { expect, it } from "vitest";
import { sayingOf } from "./saying.ts";

it.each([
  ["Ada is a vegan.", "ada is vegan", true],
  ["Ada is vegan.", "Ada is not vegan.", false],
  ["!?", "...", false],
])("%j and %j", (a, b, same) => {
  expect(sayingOf(a) === sayingOf(b)).toBe(same);
});
