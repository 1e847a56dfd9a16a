import { Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

let mneme: Mneme;
beforeAll(async () => {
  const { apiKey } = await provisionSharedTenant("told again");
  mneme = new Mneme({ url: sharedStack().url, apiKey });
});
afterAll(() => mneme?.[Symbol.asyncDispose]());

const on = (month: number) => new Date(Date.UTC(2026, month - 1, 10));
const at = (month: number, text: string) => ({ role: "user" as const, text, sentAt: on(month) });

/** Each message an add of its own, in this order. */
async function tell(userId: string, messages: readonly ReturnType<typeof at>[]): Promise<void> {
  for (const message of messages) await mneme.user(userId).add([message], { waitFor: "extracted" });
}

const textsOf = async (userId: string, options: { asOf?: Date; showSuperseded?: boolean } = {}) =>
  (await mneme.user(userId).list(options).toArray()).map(({ text }) => text);

test("what has ended or is worded otherwise since is known when its old message is told again", async () => {
  const story = [
    at(1, "I live in Berlin."),
    at(2, "I live in Berlin with my dog Rex."),
    at(3, "I drive a Volvo."),
    at(4, "I moved to Munich."),
    at(5, "I sold my Volvo."),
  ];
  await tell("rex", story);
  const once = await textsOf("rex", { showSuperseded: true });
  const now = await textsOf("rex");
  await tell("rex", story);
  await tell("rex", story.toReversed());
  expect((await textsOf("rex", { showSuperseded: true })).toSorted()).toEqual(once.toSorted());
  expect((await textsOf("rex")).toSorted()).toEqual(now.toSorted());
});

test("what comes back is told anew", async () => {
  await tell("back", [at(1, "I live in Berlin."), at(3, "I moved to Munich."), at(5, "I live in Berlin.")]);
  expect(await textsOf("back")).toEqual([expect.stringContaining("Berlin")]);
  expect(await textsOf("back", { asOf: on(4) })).toEqual([expect.stringContaining("Munich")]);
  expect(await textsOf("back", { asOf: on(2) })).toEqual([expect.stringContaining("Berlin")]);
});

test("what arrives late held until what is known of later", async () => {
  await tell("late", [at(4, "I moved to Munich."), at(1, "I live in Berlin.")]);
  expect(await textsOf("late")).toEqual([expect.stringContaining("Munich")]);
  expect(await textsOf("late", { asOf: on(2) })).toEqual([expect.stringContaining("Berlin")]);
  const [munich] = await mneme.user("late").list().toArray();
  const all = await mneme.user("late").list({ showSuperseded: true }).toArray();
  expect(all.find(({ text }) => text.includes("Berlin"))).toMatchObject({
    replacedBy: munich?.id,
    validTo: munich?.validFrom,
    provenance: { rule: "slot:lives_in" },
  });
});

test("what was a mistake was never so", async () => {
  await tell("rome", [at(1, "I live in Rome."), at(6, "Sorry, my mistake: I live in Oslo.")]);
  expect(await textsOf("rome")).toEqual([expect.stringContaining("Oslo")]);
  expect(await textsOf("rome", { asOf: on(3) })).toEqual([expect.stringContaining("Oslo")]);
  await tell("rome", [at(1, "I live in Rome.")]);
  expect(await textsOf("rome", { asOf: on(3) })).toEqual([expect.stringContaining("Oslo")]);
});
