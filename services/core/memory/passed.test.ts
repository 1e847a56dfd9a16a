import { expect, it } from "vitest";
import { overAt } from "./passed.ts";

const APRIL = new Date("2026-04-20T10:00:00Z");

it.each([
  ["Ada is flying to Rome on 3 May 2026.", "2026-05-04"],
  ["Ada's holiday is from 3 May 2026 to 9 May 2026.", "2026-05-10"],
  ["Ada has a dentist appointment in May 2026.", "2026-06-01"],
  ["Ada starts at SAP in May 2026.", undefined],
  ["Ada is beginning a job at SAP on 3 May 2026.", undefined],
  ["Ada becomes CTO on 1 June 2026.", undefined],
  ["Ada's launch party is on 3 May 2026.", "2026-05-04"],
  ["Ada is moving to Oslo on 3 May 2026.", undefined],
  ["Ada lives in Rome from 3 May 2026 on.", undefined],
  ["Ada is getting married on 3 May 2026.", undefined],
  ["Ada's passport expires in 2027.", "2028-01-01"],
  ["Ada is in Rome in the week of 27 April 2026.", "2026-05-04"],
  ["Ada moved to Rome on 3 March 2026.", undefined],
  ["Ada was born in 1985.", undefined],
  ["Ada has been vegan since April 2026.", undefined],
  ["Ada started at SAP in April 2026.", undefined],
  ["Ada moved to Rome on 20 April 2026.", undefined],
  ["Ada bought a car in 2026.", undefined],
  ["Ada wants to see Rome.", undefined],
  ["Ada may be late.", undefined],
])("%s is over at %s", (text, end) => {
  expect(overAt(text, APRIL)?.toISOString().slice(0, 10)).toBe(end);
});
