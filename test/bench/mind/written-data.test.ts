import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { caseFile, LABELS } from "./written-case.ts";

const read = (folder: string) => {
  const at = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(at).map((name) => ({ name, json: JSON.parse(readFileSync(new URL(name, at), "utf8")) }));
};
const cases = read("cases").flatMap(({ json }) => caseFile.parse(json).cases);

const twice = (ids: string[]) => ids.filter((id, at) => ids.indexOf(id) !== at);
const times = (turns: { at: string }[]) => turns.map(({ at }) => Date.parse(at));
/** Indexes of turns that are not later than the turn before. */
const backwards = (at: number[]) => at.flatMap((time, i) => (time <= (at[i - 1] ?? 0) ? [i] : []));

test("Each written case has an id of its own, and there are at least 120, of each label 12", () => {
  expect(cases.length).toBeGreaterThanOrEqual(120);
  expect(twice(cases.map(({ id }) => id))).toEqual([]);
  for (const label of LABELS)
    expect(cases.filter(({ expect: [first] }) => first === label).length, label).toBeGreaterThanOrEqual(12);
});

test("What a case says now is said after what was said before, in order", () => {
  const wrong = cases.filter((c) => backwards(times([...c.before, ...c.now])).length > 0);
  expect(wrong.map(({ id }) => id)).toEqual([]);
});

test("A case that changes or repeats something has something before, and one that ends something says what", () => {
  const nothingBefore = cases.filter(
    (c) => ["UPDATE", "SUPERSEDE", "DELETE", "NOOP"].includes(c.expect[0] ?? "") && c.before.length === 0,
  );
  expect(nothingBefore.map(({ id }) => id)).toEqual([]);
  const nothingGone = cases.filter((c) => c.expect[0] === "DELETE" && c.gone.length === 0);
  expect(nothingGone.map(({ id }) => id)).toEqual([]);
});

test("Words are lower case, and no statement is both to hold and to be gone", () => {
  const wrong = cases.filter(
    ({ holds, gone }) =>
      [...holds, ...gone].flat().some((word) => word !== word.toLowerCase()) ||
      gone.some((words) => holds.some((held) => words.every((word) => held.includes(word)))),
  );
  expect(wrong.map(({ id }) => id)).toEqual([]);
});

test("About a third of the cases name no speaker, and some have the assistant's turns", () => {
  const nameless = cases.filter((c) => [...c.before, ...c.now].every(({ by }) => by === undefined));
  expect(nameless.length / cases.length).toBeGreaterThan(0.25);
  expect(nameless.length / cases.length).toBeLessThan(0.45);
  expect(cases.filter((c) => c.now.some(({ role }) => role === "assistant")).length).toBeGreaterThanOrEqual(
    5,
  );
});
