import { describe, expect, test } from "vitest";
import { statementsOf } from "../testing/conversation.ts";
import { isForeign } from "./foreign.ts";

describe("what is told in another language is given word for word", () => {
  test.each([
    "Ich wohne seit drei Jahren in Graz und habe zwei Katzen.",
    "Ich bin im Garten und habe ein Loch im Schuh.",
    "Die Prüfung ist am 12. August um 10 Uhr.",
    "So ein Mist, mein Fahrrad ist weg.",
    "J'ai rendez-vous le 12 juin avec le docteur Martin.",
    "Le weekend dernier, nous avons mangé chez ma sœur à Lyon.",
    "En abril me voy a Chile con mi hermana.",
    "Ho comprato una casa a Torino e mia moglie è felice.",
    "Mijn vader is ziek en ik ga morgen naar het ziekenhuis.",
  ])("%s", async (said) => {
    expect(await statementsOf(["Emil", "Hi Rosa!"], ["Rosa", said])).toEqual([`Rosa: ${said}`]);
  });

  test.each([
    ["Ich will morgen nach Wien fahren.", "Ich will morgen (2026-05-07) nach Wien fahren."],
    [
      "Me mudé a Sevilla la semana pasada con mi novia Carmen.",
      "Me mudé a Sevilla la semana pasada (2026-04-27/2026-05-03) con mi novia Carmen.",
    ],
  ])("with the days that it means: %s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([`Rosa: ${written}`]);
  });

  test("what it asks an assistant as well, and what answers it", async () => {
    const written = await statementsOf(
      ["user", "Was kostet ein Flug nach Wien?"],
      ["assistant", "From 90 euros."],
    );
    expect(written).toEqual([
      "Was kostet ein Flug nach Wien?",
      "Was kostet ein Flug nach Wien? – Assistent: From 90 euros.",
    ]);
  });
});

test.each([
  "I love the café on Rue de la Paix.",
  "Visited Oscar de la Hoya yesterday.",
  "Moved to Los Angeles in March.",
  "We ate pan con tomate at La Boqueria.",
  "My dad, mi papá, moved to Quito.",
  "Plants die in winter.",
  "I am 12. August was hot.",
  "Met new van driver yesterday.",
  "Bought a camper van, met seller yesterday.",
  "Met fiancé en route yesterday.",
  "Met Ana in den yesterday.",
  "Steak à la carte, crème brûlée.",
  "Lunch with con artist.",
  "Um, um, um.",
  "Café closed.",
])("English, with names and words of others: %s", (said) => {
  expect(isForeign(said)).toBe(false);
});
