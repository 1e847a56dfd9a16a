import { expect, test } from "vitest";
import { normalize } from "./normalize.ts";

test.each([
  ["I'd never felt so tired", "I had never felt so tired"],
  ["You'd slept badly", "You had slept badly"],
  ["We'd already come home", "We had already come home"],
  ["I'd better go", "I had better go"],
  ["I'd never go back", "I would never go back"],
  ["I'd need a new bike", "I would need a new bike"],
  ["I'd come if I could", "I would come if I could"],
  ["I'd rather stay", "I would rather stay"],
  ["I couldnt call u", "I couldn't call you"],
  ["I ran git push --force", "I ran git push --force"],
  ["I left -- it hurt--a lot", "I left - it hurt - a lot"],
  ["I'd have told you", "I would have told you"],
])("%s", (said, plain) => {
  expect(normalize(said)).toBe(plain);
});
