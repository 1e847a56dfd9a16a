import { describe, expect, test } from "vitest";
import { extract, SAID, statementOf } from "../testing/conversation.ts";

describe("what is known beside the text", () => {
  test("a past date begins the valid time, a plan is valid since it was said", async () => {
    expect((await statementOf(["Rosa", "I broke my arm last Friday."])).valid.from).toEqual(
      new Date("2026-05-01T00:00:00Z"),
    );
    expect((await statementOf(["Rosa", "I've had asthma since 2011."])).valid.from).toEqual(
      new Date("2011-01-01T00:00:00Z"),
    );
    expect((await statementOf(["Rosa", "I'm flying to Rome next month."])).valid.from).toEqual(SAID);
  });

  test("an allergy, a birthday and a child matter more than a taste", async () => {
    const importance = async (text: string) => (await statementOf(["user", text])).importance;
    const taste = Math.max(
      await importance("I love salt and vinegar crisps."),
      await importance("I like jazz."),
    );
    for (const text of [
      "I'm allergic to peanuts.",
      "I take insulin.",
      "My birthday is on 3 May.",
      "My daughter is called Mia.",
      "I live in Rome.",
    ])
      expect(await importance(text), text).toBeGreaterThan(taste);
  });

  test("sentences of different times have none in common", async () => {
    const validFrom = async (text: string) => (await statementOf(["Rosa", text])).valid.from;
    expect(await validFrom("We gave up drums in 2024. We play bass now.")).toEqual(SAID);
    expect(await validFrom("We gave up drums in 2024. We began to play bass in 2025.")).toEqual(SAID);
    expect(await validFrom("I gave up drums in 2024. I cried.")).toEqual(new Date("2024-01-01T00:00:00Z"));
  });

  test("what it tells itself is its category, not what led it in", async () => {
    const { statements } = await extract(
      ["Rosa", "How is your diet going?"],
      ["Emil", "It's fine. We've been together since Christmas."],
    );
    expect(statements.at(-1)).toMatchObject({ category: "relationships" });
    expect(await statementOf(["Rosa", "We've been together since Christmas."])).toMatchObject({
      category: "relationships",
    });
  });

  test.each([
    ["My wife is called Ida.", "semantic"],
    ["I have a dog called Rex.", "semantic"],
    ["We have two cats named Minka and Tom.", "semantic"],
    ["I live in a house called the Nest.", "semantic"],
    ['My boat, named "Mira", lies in Porto.', "semantic"],
    ["I named my dog Rex.", "episodic"],
    ["I adopted a beagle called Pixel.", "episodic"],
    ["A friend called me.", "episodic"],
    ["I called Anna.", "episodic"],
    ["Since 2019 I have lived in Oslo.", "semantic"],
    ["I work at Equinor since 2019.", "semantic"],
    ["I was born in Graz in 1990.", "semantic"],
    ["My brother is learning how to knit.", "semantic"],
    ["I broke my arm last Friday.", "episodic"],
    ["I'm flying to Rome next month.", "episodic"],
    ["Never use emojis.", "procedural"],
    ["From now on keep it short.", "procedural"],
    ["My cat throws up every time.", "semantic"],
  ])("%s is %s", async (said, kind) => {
    expect((await statementOf(["user", said])).kind).toBe(kind);
  });

  test("how an assistant is to behave matters more than a remark", async () => {
    const rule = await statementOf(["user", "Never use emojis."]);
    expect(rule.importance).toBeGreaterThan(
      (await statementOf(["user", "The queue was endless."])).importance,
    );
  });

  test("lasting facts matter more than remarks, hedges are less sure", async () => {
    const fact = await statementOf(["Rosa", "My sister Anna is a doctor."]);
    const remark = await statementOf(["Rosa", "The queue was endless."]);
    const hedge = await statementOf(["Rosa", "Maybe I will paint the fence."]);
    expect(fact.importance).toBeGreaterThan(remark.importance);
    expect(hedge.confidence).toBeLessThan(fact.confidence);
    expect(fact).toMatchObject({ kind: "semantic", category: "family" });
  });
});
