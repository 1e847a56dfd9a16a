import { describe, expect, test } from "vitest";
import { createAsSaidExtractor } from "../as-said/extractor.ts";
import { createEmbeddedExtractor } from "../embedded/extractor.ts";
import type { SensitiveKind } from "./sensitive-kind.ts";

const sentAt = new Date("2026-03-01T10:00:00Z");

/** Statements of what Ada says, in order. */
async function told(text: string, keptOut: SensitiveKind[], extractor = createEmbeddedExtractor()) {
  const turn = { messageId: "a", sessionId: "s", role: "user" as const, name: "Ada", text, sentAt };
  const { statements } = await extractor.extract({
    turns: [turn],
    context: [],
    summary: "",
    nearest: [],
    keptOut,
  });
  return statements.map((one) => one.text);
}

describe("what is kept out", () => {
  test("is told apart from what stands beside it, and together with it where nobody keeps it out", async () => {
    const said = "We keep bees. We have asthma. We row.";
    const others = "Ada and others";
    const apart = [`${others} keep bees.`, `${others} have asthma.`, `${others} row.`];
    expect(await told(said, ["health"])).toEqual(apart);
    expect(await told(said, ["payment"])).toEqual([apart.join(" ")]);
  });

  test("takes along what leans on it", async () =>
    expect(await told("I keep bees. I have asthma. It began in 2019.", ["health"])).toEqual([
      "Ada keeps bees.",
      "Ada has asthma.",
      'Ada, after saying "Ada has asthma", said: it began in 2019.',
    ]));

  test("is told apart in other languages, too", async () =>
    expect(
      await told(
        "Trabajo en Lima. Mi correo es ada@example.com. Me gusta remar.",
        ["contact"],
        createAsSaidExtractor("es"),
      ),
    ).toEqual(["Ada: Trabajo en Lima.", "Ada: Mi correo es ada@example.com.", "Ada: Me gusta remar."]));
});
