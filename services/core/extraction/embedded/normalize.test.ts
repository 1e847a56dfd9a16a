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
  ["I'd read that book before", "I had read that book before"],
  ["I'd never read it", "I had never read it"],
  ["I'd already put it there", "I had already put it there"],
  ["I'd put it there already", "I had put it there already"],
  ["I'd let him in by then", "I had let him in by then"],
  ["I'd cut my hair before I met her", "I had cut my hair before I met her"],
  ["We'd set the table when she came", "We had set the table when she came"],
  ["I'd read it if I could", "I would read it if I could"],
  ["I'd read before bed", "I would read before bed"],
  ["I'd come before noon", "I would come before noon"],
  ["I'd never let him go", "I would never let him go"],
  ["I'd put that before all else", "I would put that before all else"],
  ["I'd rather stay", "I would rather stay"],
  ["I couldnt call u", "I couldn't call you"],
  ["I ran git push --force", "I ran git push --force"],
  ["I left -- it hurt--a lot", "I left - it hurt - a lot"],
  ["I'd have told you", "I would have told you"],
])("%s", (said, plain) => {
  expect(normalize(said)).toBe(plain);
});
