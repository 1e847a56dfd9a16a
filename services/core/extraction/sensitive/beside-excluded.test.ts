import { describe, expect, test } from "vitest";
import { createEmbeddedExtractor } from "../embedded/extractor.ts";
import { SAID } from "../testing/conversation.ts";
import { dropSensitive } from "./drop-sensitive.ts";
import type { SensitiveKind } from "./sensitive-kind.ts";

const extractor = createEmbeddedExtractor();

async function kept(said: string, kind: SensitiveKind): Promise<string[]> {
  const turns = [
    { messageId: "m", sessionId: "s", role: "user" as const, name: undefined, text: said, sentAt: SAID },
  ];
  const input = { turns, context: [], summary: "", nearest: [], keptOut: [kind] };
  const { statements } = await extractor.extract(input);
  return dropSensitive(statements, new Set([kind]), () => false).kept.map(({ text }) => text);
}

describe("what is told beside something that is kept out stays", () => {
  test.each<[SensitiveKind, string, string]>([
    ["payment", "My card is 4111 1111 1111 1111 and I live in Rome", "The user lives in Rome."],
    ["payment", "I live in Rome and my card is 4111 1111 1111 1111", "The user lives in Rome."],
    ["payment", "My card is 4111 1111 1111 1111, I live in Rome", "The user lives in Rome."],
    [
      "payment",
      "My IBAN is DE89 3704 0044 0532 0130 00 and I have a dog called Bo",
      "The user has a dog called Bo.",
    ],
    ["health", "I have a dog called Bo and epilepsy", "The user has a dog called Bo."],
    ["health", "I have epilepsy and a dog called Bo", "The user has a dog called Bo."],
    ["health", "I have epilepsy and I live in Rome", "The user lives in Rome."],
  ])("without %s: %s", async (kind, said, told) => {
    expect(await kept(said, kind)).toEqual([told]);
  });
});

describe("health in words of every day is kept out", () => {
  test.each([
    "The doc gave me some pills",
    "My doctor handed me a prescription",
    "My mother has dementia",
    "I get migraines",
    "I'm on blood thinners",
    "My dad is in remission",
    "I'm seeing a therapist",
    "We're doing IVF",
    "I've been sober for 3 years",
    "I got my tubes tied",
    "My rheumatologist is great",
    "I'm in recovery",
    "I can't eat gluten",
  ])("%s", async (said) => {
    expect(await kept(said, "health")).toEqual([]);
  });

  test.each([
    "I have cabin fever",
    "My laptop has a virus",
    "I made a sick beat",
    "This is a headache of a project",
    "I'm addicted to chess",
    "My astrologist lives in Rome",
    "My sociologist friend lives in Rome",
  ])("but not: %s", async (said) => {
    expect(await kept(said, "health")).toHaveLength(1);
  });
});
