import { describe, expect, test } from "vitest";
import { extract, statementOf } from "../../testing/conversation.ts";

describe("what a statement relates", () => {
  test("names with types, and relations between them", async () => {
    const { statements } = await extract([
      "Rosa",
      "I work as a nurse and live in Graz with my partner Jonas.",
    ]);
    const entities = statements.flatMap((statement) => statement.entities);
    const relations = statements.flatMap((statement) => statement.relations);
    expect(entities).toEqual(
      expect.arrayContaining([
        { name: "Rosa", type: "person" },
        { name: "Jonas", type: "person" },
        { name: "Graz", type: "place" },
      ]),
    );
    expect(relations).toEqual(
      expect.arrayContaining([
        { source: "Rosa", type: "lives_in", target: "Graz" },
        { source: "Rosa", type: "works_as", target: "nurse" },
        { source: "Rosa", type: "has_partner", target: "Jonas" },
      ]),
    );
  });

  test.each([
    ["I moved from Bern to Lugano.", { type: "lives_in", target: "Lugano" }],
    ["I work for Alpine Rail.", { type: "works_at", target: "Alpine Rail" }],
    ["I love old maps.", { type: "likes", target: "old maps" }],
    ["I hate loud bars.", { type: "dislikes", target: "loud bars" }],
    ["I have a dog called Bruno.", { type: "owns", target: "dog" }],
    ["My sister Anna paints.", { type: "has_sister", target: "Anna" }],
    ["I plan to build a sauna.", { type: "plans", target: "build a sauna" }],
  ])("%s", async (said, relation) => {
    expect((await statementOf(["Rosa", said])).relations).toContainEqual({ source: "Rosa", ...relation });
  });

  test.each(["If I move to Berlin, I'll swim.", "I wish I lived in Paris.", "Anna thinks I live in Rome."])(
    "what is not so relates nothing: %s",
    async (said) => {
      expect((await statementOf(["Rosa", said])).relations).toEqual([]);
    },
  );

  test("nobody is his own kin", async () => {
    const { relations } = await statementOf(["Rosa", "Except for my brother, we all moved to Canada."]);
    expect(relations.map(({ target }) => target)).not.toContain("Rosa");
  });
});
