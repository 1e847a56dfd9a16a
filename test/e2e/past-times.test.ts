import { type MemoryScope, Mneme } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const LEEDS = "The user lives in Leeds.";
const YORK = "The user moved to York.";
const TOLD: readonly (readonly [string, string])[] = [
  ["2024-01-10", "I live in Leeds."],
  ["2024-02-11", "I work as a nurse at St. Mary's."],
  ["2024-03-05", "I play the cello."],
  ["2024-05-01", "I have a dog called Biscuit."],
  ["2025-01-07", "I am vegetarian."],
  ["2025-03-20", "My favourite colour is green."],
  ["2025-06-02", "I moved to York."],
];

describe("a search about the past of somebody who moved", () => {
  let mneme: Mneme;
  let ada: MemoryScope;
  beforeAll(async () => {
    const { apiKey } = await provisionSharedTenant("past times");
    mneme = new Mneme({ url: sharedStack().url, apiKey });
    ada = mneme.user("ada");
    for (const [day, text] of TOLD)
      await ada.add([{ role: "user", text, sentAt: new Date(`${day}T12:00:00Z`) }], {
        waitFor: "searchable",
      });
  });
  afterAll(() => mneme?.[Symbol.asyncDispose]());

  it.each([
    ["Where did I live before I moved to York?", LEEDS],
    ["Where did I live before York?", LEEDS],
    ["Where did I live until I moved to York?", LEEDS],
    ["Where did I live in 2024?", LEEDS],
    ["Where did I live before June 2025?", LEEDS],
    ["Where did I live before?", LEEDS],
    ["Which instrument did I play before I moved to York?", "The user plays the cello."],
    ["Where did I live after I moved to York?", YORK],
  ])("%s %s", async (query, answer) => {
    const { hits } = await ada.search(query);
    expect(hits.map(({ memory }) => memory.text)[0]).toBe(answer);
  });

  it("shows by what the event stands behind what was so before it", async () => {
    const { hits, time } = await ada.search("Where did I live before I moved to York?");
    const termsOf = (text: string) => hits.find(({ memory }) => memory.text === text)?.parts.terms;
    expect(hits.find(({ memory }) => memory.text === YORK)?.memory.id).toBe(time?.anchorMemoryId);
    expect(termsOf(LEEDS)).toMatchObject({
      when: expect.closeTo(0.35),
      ended: expect.closeTo(0.3),
      outside: 0,
    });
    expect(termsOf(YORK)).toMatchObject({ when: 0, ended: 0, outside: expect.closeTo(-0.35) });
  });
});
