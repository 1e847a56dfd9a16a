import { expect, it } from "vitest";
import { overAt } from "./passed.ts";

const APRIL = new Date("2026-04-20T10:00:00Z");

it.each([
  ["Ada is flying to Rome on 3 May 2026.", "2026-05-04"],
  ["Ada's holiday is from 3 May 2026 to 9 May 2026.", "2026-05-10"],
  ["Ada starts at SAP in May 2026.", "2026-06-01"],
  ["Ada's passport expires in 2027.", "2028-01-01"],
  ["Ada is in Rome in the week of 27 April 2026.", "2026-05-04"],
  ["Ada moved to Rome on 3 March 2026.", undefined],
  ["Ada was born in 1985.", undefined],
  ["Ada wants to see Rome.", undefined],
  ["Ada may be late.", undefined],
])("%s is over at %s", (text, end) => {
  expect(overAt(text, APRIL)?.toISOString().slice(0, 10)).toBe(end);
});
