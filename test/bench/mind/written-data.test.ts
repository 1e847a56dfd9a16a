import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tells } from "./tells.ts";
import { caseFile, goldConversation, LABELS } from "./written-case.ts";

const read = (folder: string) => {
  const at = new URL(`./${folder}/`, import.meta.url);
  return readdirSync(at).map((name) => ({ name, json: JSON.parse(readFileSync(new URL(name, at), "utf8")) }));
};
const cases = read("cases").flatMap(({ json }) => caseFile.parse(json).cases);
/** Written by somebody who knew no rule, and read by nobody who writes rules. */
const heldOut = read("held-out/cases").flatMap(({ json }) => caseFile.parse(json).cases);
const both = [...cases, ...heldOut];
const conversations = read("conversations").map(({ name, json }) => ({
  name,
  ...goldConversation.parse(json),
}));

const twice = (ids: string[]) => ids.filter((id, at) => ids.indexOf(id) !== at);
const times = (turns: { at: string }[]) => turns.map(({ at }) => Date.parse(at));
/** Indexes of turns that are not later than the turn before. */
const backwards = (at: number[]) => at.flatMap((time, i) => (time <= (at[i - 1] ?? 0) ? [i] : []));

test("Each written case has an id of its own, and there are at least 120, of each label 12", () => {
  expect(cases.length).toBeGreaterThanOrEqual(120);
  expect(twice(both.map(({ id }) => id))).toEqual([]);
  for (const label of LABELS)
    expect(cases.filter(({ expect: [first] }) => first === label).length, label).toBeGreaterThanOrEqual(12);
});

test("Of the held-out cases there are at least 120, of each label 10, and none that was written before", () => {
  expect(heldOut.length).toBeGreaterThanOrEqual(120);
  expect(heldOut.filter(({ id }) => !id.startsWith("ho-")).map(({ id }) => id)).toEqual([]);
  for (const label of LABELS)
    expect(heldOut.filter(({ expect: [first] }) => first === label).length, label).toBeGreaterThanOrEqual(10);
  const said = ({ now }: (typeof both)[number]) => now.map(({ text }) => text.toLowerCase()).join("\n");
  expect(twice(both.map(said)).filter((text) => heldOut.some((one) => said(one) === text))).toEqual([]);
});

test("A held-out case that ends something says what", () => {
  const nothingGone = heldOut.filter(
    (c) => ["SUPERSEDE", "DELETE"].includes(c.expect[0] ?? "") && c.gone.length === 0,
  );
  expect(nothingGone.map(({ id }) => id)).toEqual([]);
});

test("What a case says now is said after what was said before, in order", () => {
  const wrong = both.filter((c) => backwards(times([...c.before, ...c.now])).length > 0);
  expect(wrong.map(({ id }) => id)).toEqual([]);
});

test("A case that changes or repeats something has something before, and one that ends something says what", () => {
  const nothingBefore = both.filter(
    (c) => ["UPDATE", "SUPERSEDE", "DELETE", "NOOP"].includes(c.expect[0] ?? "") && c.before.length === 0,
  );
  expect(nothingBefore.map(({ id }) => id)).toEqual([]);
  const nothingGone = cases.filter((c) => c.expect[0] === "DELETE" && c.gone.length === 0);
  expect(nothingGone.map(({ id }) => id)).toEqual([]);
});

test("Words are lower case, and no statement is both to hold and to be gone", () => {
  const wrong = both.filter(
    ({ holds, gone }) =>
      [...holds, ...gone].flat().some((word) => word !== word.toLowerCase()) ||
      gone.some((words) => holds.some((held) => words.every((word) => held.includes(word)))),
  );
  expect(wrong.map(({ id }) => id)).toEqual([]);
});

test("About a third of the cases name no speaker, and some have the assistant's turns", () => {
  for (const set of [cases, heldOut]) {
    const nameless = set.filter((c) => [...c.before, ...c.now].every(({ by }) => by === undefined));
    expect(nameless.length / set.length).toBeGreaterThan(0.25);
    expect(nameless.length / set.length).toBeLessThan(0.45);
    const answered = set.filter((c) => c.now.some(({ role }) => role === "assistant"));
    expect(answered.length).toBeGreaterThanOrEqual(5);
  }
});

test("Each gold conversation has an id of its own, its file's name, and 8 to 30 turns in order", () => {
  expect(conversations.length).toBeGreaterThanOrEqual(20);
  expect(twice(conversations.map(({ id }) => id))).toEqual([]);
  for (const { id, name, turns } of conversations) {
    expect(name).toBe(`${id}.json`);
    expect(turns.length, id).toBeGreaterThanOrEqual(8);
    expect(turns.length, id).toBeLessThanOrEqual(30);
    expect(backwards(times(turns)), id).toEqual([]);
  }
});

test("What is to be kept of a conversation was said there: of each group of words, one is in a turn or is who spoke", () => {
  const unsaid = conversations.flatMap(({ id, turns, facts, also }) => {
    const said = turns.map(({ by, text }) => `${by ?? ""}: ${text}`).join("\n");
    return [...facts, ...also]
      .filter(({ words }) => !words.every((group) => tells(said, [group])))
      .map(({ fact }) => `${id}: ${fact}`);
  });
  expect(unsaid).toEqual([]);
});

test("A fact as it is written down is told by its words, and by no words of what nobody said", () => {
  const wrong = conversations.flatMap(({ id, facts, also, wrong: never }) => [
    ...[...facts, ...also, ...never]
      .filter(({ fact, words }) => !tells(fact, words))
      .map(({ fact }) => `${id}: ${fact}: not by its words`),
    ...[...facts, ...also].flatMap(({ fact }) =>
      never.filter(({ words }) => tells(fact, words)).map((other) => `${id}: ${fact}: as ${other.fact}`),
    ),
  ]);
  expect(wrong).toEqual([]);
});

test("What nobody said of a conversation does not pass for what is to be kept", () => {
  const passes = conversations.flatMap(({ id, facts, wrong: never }) =>
    never.flatMap(({ fact }) =>
      facts.filter(({ words }) => tells(fact, words)).map((kept) => `${id}: ${fact} as ${kept.fact}`),
    ),
  );
  expect(passes).toEqual([]);
});

test("Words of one fact do not pass for another fact of the same conversation", () => {
  const passes = conversations.flatMap(({ id, facts }) =>
    facts.flatMap(({ fact }) =>
      facts
        .filter((other) => other.fact !== fact && tells(fact, other.words))
        .map((other) => `${id}: ${fact} / ${other.fact}`),
    ),
  );
  expect(passes).toEqual([]);
});

test("A word tells where a word begins, a number where it is whole, and of each group one must be there", () => {
  const moved = [["mov"], ["lisbon", "porto"]];
  expect(tells("The user moved to Porto in 2026.", moved)).toBe(true);
  expect(tells("The user removed Porto.", moved)).toBe(false);
  expect(tells("The user moved.", moved)).toBe(false);
  expect(tells("The user moved to Porto in 2026.", [["20"]])).toBe(false);
  expect(tells("Élodie lives in Nîmes.", [["lives in nîmes"], ["élodie"]])).toBe(true);
});
