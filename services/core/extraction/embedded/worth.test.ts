import { expect, test } from "vitest";
import { type HeldMemory, leavingOf } from "../../memory/make-room.ts";
import { extract } from "../testing/conversation.ts";

const LASTING = [
  "I'm allergic to peanuts.",
  "My son has a nut allergy.",
  "I have diabetes.",
  "I take insulin.",
  "I'm vegan.",
  "My name is Kat.",
  "My birthday is on 3 May.",
  "My wife is called Ana.",
  "I have two kids.",
  "I live in Rome.",
  "I work at Stripe.",
];
const TASTES = [
  "I like crisps.",
  "I love pizza.",
  "I like to read.",
  "I prefer tea to coffee.",
  "My favourite colour is green.",
  "My favourite band is Wilco.",
  "I hate small talk.",
  "I really enjoy Italian food.",
  "My wife loves pizza.",
];

async function held(said: string, i: number): Promise<HeldMemory> {
  const { statements } = await extract(["user", said]);
  expect(statements).toHaveLength(1);
  const { category = "", importance = 0, confidence = 0 } = statements[0] ?? {};
  return { memoryId: said, category, importance, confidence, usedAt: undefined, saidAt: new Date(i) };
}

test("what is so for years outlives any number of tastes that are said later", async () => {
  const all = await Promise.all([...LASTING, ...TASTES].map(held));
  const leaving = leavingOf(all, { most: LASTING.length, mostRecent: [], leaving: "archive" });
  expect(leaving.toSorted()).toEqual(TASTES.toSorted());
});

test("an allergy is the last to leave but for other health", async () => {
  const all = await Promise.all(["I'm allergic to peanuts.", ...TASTES].map(held));
  expect(leavingOf(all, { most: 1, mostRecent: [], leaving: "archive" })).not.toContain(
    "I'm allergic to peanuts.",
  );
});
