import { describe, expect, test } from "vitest";
import { asksToForget } from "../../claims/forgetting/request.ts";
import { contentOf } from "../content-testing.ts";
import type { Statement } from "../extractor.ts";
import { withoutRequests } from "../forgetting/requests.ts";
import { dropSensitive } from "./drop-sensitive.ts";
import type { SensitiveKind } from "./sensitive-kind.ts";

const said = (text: string, members: Partial<Statement> = {}): Statement => ({
  ...contentOf(text, "m").statement,
  ...members,
});
const asks = ({ text }: Statement) => asksToForget(text);
const drop = (statements: Statement[], kinds: SensitiveKind[]) => {
  const { kept, dropped } = dropSensitive(statements, new Set(kinds), asks);
  return [kept.map(({ text }) => text), dropped.map(({ kind }) => kind)];
};

describe("statements that hold what a project keeps out", () => {
  test("are dropped for that, the others kept", () => {
    const statements = [said("Ada has asthma."), said("Ada has two dogs."), said("Ada's PIN is 2468.")];
    expect(drop(statements, ["health", "credentials"])).toEqual([
      ["Ada has two dogs."],
      ["health", "credentials"],
    ]);
    expect(drop(statements, [])).toEqual([statements.map(({ text }) => text), []]);
  });

  test("are dropped for what is embedded or named as well", () => {
    expect(
      drop([said("Ada told it.", { embeddingText: "my card is 4111 1111 1111 1111" })], ["payment"]),
    ).toEqual([[], ["payment"]]);
    const entities = [{ name: "ada@example.com", type: "other" }];
    expect(drop([said("Ada reads mail there.", { entities })], ["contact"])).toEqual([[], ["contact"]]);
  });

  test("are of health where what read them files them there", () => {
    const gym = said("Ada goes to the clinic's gym.", { category: "Health" });
    expect(drop([gym], ["health"])).toEqual([[], ["health"]]);
    expect(drop([gym], ["payment"])).toEqual([[gym.text], []]);
  });

  test("go on where they ask to forget it, and are no memory where they come to nothing", () => {
    const text = "Ada told the assistant to forget that Ada has asthma.";
    const sorted = dropSensitive([said(text)], new Set(["health"]), asks);
    expect(sorted.kept.map((one) => one.text)).toEqual([text]);
    const forgets = { outcome: "delete", messageId: "m", memoryId: "a", rule: "asked" } as const;
    const keeps = { outcome: "add", messageId: "m", content: contentOf(text, "m"), rule: "new" } as const;
    const other = {
      outcome: "add",
      messageId: "m",
      content: contentOf("Ada rows.", "m"),
      rule: "new",
    } as const;
    expect(withoutRequests([forgets, keeps, other], sorted.requests)).toEqual([
      forgets,
      { outcome: "drop", messageId: "m", sensitive: "health" },
      other,
    ]);
  });
});
