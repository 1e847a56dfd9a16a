import { type Hit, type MemoryScope, Mneme, NotFoundError, PermissionDeniedError } from "@mneme/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { provisionSharedTenant, sharedStack } from "../harness/shared-stack.ts";

const TOLD = [
  "I keep bees on the roof of my house.",
  "I sell honey of my bees on Saturdays.",
  "I read a book about bees last winter.",
];

describe("feedback", () => {
  let mneme: Mneme;
  beforeAll(async () => {
    mneme = new Mneme({ url: sharedStack().url, apiKey: (await provisionSharedTenant("feedback")).apiKey });
  });
  afterAll(() => mneme?.[Symbol.asyncDispose]());

  /** Somebody new who has told it all. */
  async function beekeeper(name: string): Promise<MemoryScope> {
    const user = mneme.user(name);
    for (const text of TOLD) await user.add(text, { name: "Ada", waitFor: "searchable" });
    return user;
  }
  const find = async (user: MemoryScope) => (await user.search("bees")).hits;
  const feedbackOn = (hits: readonly Hit[], id: string) =>
    hits.find(({ memory }) => memory.id === id)?.parts.factors.feedback;

  it("moves what it is about within its bounds, and says so among the factors", async () => {
    const user = await beekeeper("ada");
    const before = await find(user);
    expect(before).toHaveLength(3);
    expect(before.every(({ parts }) => parts.factors.feedback === 1)).toBe(true);
    const [best] = before;
    const { id = "" } = best?.memory ?? {};
    const scoreAfter = async (rating: Parameters<Mneme["feedback"]["give"]>[1]) => {
      await mneme.feedback.give(id, rating, { scope: user.scope });
      return (await find(user)).find(({ memory }) => memory.id === id)?.score ?? 0;
    };
    const neutral = best?.score ?? 0;
    const lifted = await scoreAfter("positive");
    const lowered = await scoreAfter("negative");
    const lowest = await scoreAfter("very_negative");
    expect(lifted).toBeCloseTo(neutral * 1.2, 3);
    expect(lowered).toBeCloseTo(neutral * 0.85, 3);
    expect(lowest).toBeCloseTo(neutral * 0.7, 3);
    expect((await find(user)).at(-1)?.memory.id).toBe(id);
    expect(await scoreAfter("none")).toBe(neutral);
    expect((await find(user)).map(({ memory }) => memory.id)).toEqual(before.map(({ memory }) => memory.id));
  });

  it("is the giver's alone: another person's memories are not there to rate", async () => {
    const user = await beekeeper("ben");
    const [best] = await find(user);
    const { id = "" } = best?.memory ?? {};
    await expect(mneme.feedback.give(id, "negative", { scope: { userId: "eve" } })).rejects.toThrow(
      NotFoundError,
    );
    const { token } = await mneme.userTokens.mint({ userId: "ben", permissions: ["read", "write"] });
    const own = new Mneme({ url: sharedStack().url, token });
    await own.feedback.give(id, "very_negative", { comment: "It was my brother." });
    expect(feedbackOn(await find(user), id)).toBeCloseTo(0.7, 3);
    await expect(own.feedback.list().toArray()).rejects.toThrow(PermissionDeniedError);
    await own[Symbol.asyncDispose]();
    expect(await mneme.feedback.list({ memoryId: id }).toArray()).toMatchObject([
      { memoryId: id, rating: "very_negative", comment: "It was my brother.", userId: "ben" },
    ]);
  });

  it("names the answer that it is about, and counts once a request", async () => {
    const user = await beekeeper("cleo");
    const { searchId, hits } = await user.search("honey");
    const { id = "" } = hits[0]?.memory ?? {};
    const options = { scope: user.scope, searchId, requestId: "cleo's first" };
    await mneme.feedback.give(id, "positive", options);
    await mneme.feedback.give(id, "negative", { scope: user.scope });
    await mneme.feedback.give(id, "positive", options);
    expect(await mneme.feedback.list({ memoryId: id }).toArray()).toMatchObject([{ rating: "negative" }]);
    await mneme.feedback.give(id, "positive", { scope: user.scope, searchId });
    expect(await mneme.feedback.list({ memoryId: id }).toArray()).toMatchObject([{ searchId }]);
  });

  it("goes with its memory", async () => {
    const user = await beekeeper("dora");
    const { id = "" } = (await find(user))[0]?.memory ?? {};
    await mneme.feedback.give(id, "positive");
    await mneme.memories.delete(id);
    expect(await mneme.feedback.list({ memoryId: id }).toArray()).toEqual([]);
    await expect(mneme.feedback.give(id, "positive")).rejects.toThrow(NotFoundError);
  });

  it("takes reports of what was not found, for those who may read them", async () => {
    const { apiKey } = await provisionSharedTenant("misses");
    const other = new Mneme({ url: sharedStack().url, apiKey });
    const { searchId } = await other.agent("guide").search("Where did I park?");
    const id = await other.feedback.reportMiss({ userId: "fay" }, "Where did I park?", {
      expectedText: "On level 3.",
      searchId,
    });
    expect(await other.feedback.misses().toArray()).toMatchObject([
      { id, query: "Where did I park?", expectedText: "On level 3.", userId: "fay", searchId },
    ]);
    await other[Symbol.asyncDispose]();
  });
});
