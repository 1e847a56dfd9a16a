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

  test("sentences of different times have none in common", async () => {
    const validFrom = async (text: string) => (await statementOf(["Rosa", text])).valid.from;
    expect(await validFrom("I sold my drums in 2024. I play bass now.")).toEqual(SAID);
    expect(await validFrom("I sold my drums in 2024. I bought a bass in 2025.")).toEqual(SAID);
    expect(await validFrom("I sold my drums in 2024. I cried.")).toEqual(new Date("2024-01-01T00:00:00Z"));
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

  test("lasting facts matter more than remarks, hedges are less sure", async () => {
    const fact = await statementOf(["Rosa", "My sister Anna is a doctor."]);
    const remark = await statementOf(["Rosa", "The queue was endless."]);
    const hedge = await statementOf(["Rosa", "Maybe I will paint the fence."]);
    expect(fact.importance).toBeGreaterThan(remark.importance);
    expect(hedge.confidence).toBeLessThan(fact.confidence);
    expect(fact).toMatchObject({ kind: "semantic", category: "family" });
  });
});
