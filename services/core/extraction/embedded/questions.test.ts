import { describe, expect, test } from "vitest";
import { type Line, statementsOf } from "../testing/conversation.ts";

/** What Rosa's turn behind one of Emil's becomes. */
function asked(text: string): Promise<string[]> {
  return statementsOf(["Emil", "Hi Rosa!"], ["Rosa", text]);
}

describe("what a question tells", () => {
  test.each([
    ["Did I tell you my sister Anna moved to Vienna?", "Rosa's sister Anna moved to Vienna."],
    ["Didn't I tell you I quit smoking?", "Rosa quit smoking."],
    ["Have I told you I'm pregnant?!", "Rosa is pregnant."],
    ["did i tell you my sister Anna moved to Vienna", "Rosa's sister Anna moved to Vienna."],
    ["Do you remember that I'm vegan?", "Rosa is vegan."],
    ["Have I mentioned that I'm allergic to bees?", "Rosa is allergic to bees."],
    ["Did you know that my uncle owns a vineyard?", "Rosa's uncle owns a vineyard."],
    ["Did you hear my sister got engaged?", "Rosa's sister got engaged."],
    ["Have you heard that the bakery burned down?", "Rosa said: the bakery burned down."],
    ["Can you believe I won the raffle?", "Rosa won the raffle."],
    ["Can you believe my landlord raised the rent again?", "Rosa's landlord raised the rent again."],
    ["Do you remember when my car broke down in Graz?", "Rosa's car broke down in Graz."],
    ["Is it weird that I still sleep with a teddy bear?", "Rosa still sleeps with a teddy bear."],
    [
      "Isn't it great that my dad retired yesterday?",
      "Rosa said: it is great that Rosa's dad retired on 5 May 2026.",
    ],
    [
      "How cool is it that my daughter won the race?",
      "Rosa said: it is cool that Rosa's daughter won the race.",
    ],
    [
      "Wasn't it funny when my dog stole the cake?",
      "Rosa said: it was funny when Rosa's dog stole the cake.",
    ],
    ["I'm lactose intolerant, remember?", "Rosa is lactose intolerant."],
    ["My sister moved to Vienna, did I tell you?", "Rosa's sister moved to Vienna."],
    ["I just adopted a beagle, want to see a picture?", "Rosa just adopted a beagle."],
    ["I'm a nurse and what do you do?", "Rosa is a nurse."],
    ["Last year my dad moved to Graz - isn't that great?", "In 2025 Rosa's dad moved to Graz."],
  ])("%s", async (said, written) => {
    expect(await asked(said)).toEqual([written]);
  });

  test.each([
    ["Guess who got promoted? Me!", "Rosa got promoted."],
    ["Guess who's moving to Spain? My cousin Ivo!", "Rosa's cousin Ivo is moving to Spain."],
    ["Guess who just got engaged: my brother!", "Rosa's brother just got engaged."],
    ["Guess what: I got the job!", "Rosa got the job."],
    ["Guess what I bought? A canoe!", "Rosa said: guess what Rosa bought? A canoe."],
    ["The best part? The view from the tower.", "Rosa said: the best part? The view from the tower."],
    ["Why the violin? Because Bo loves it.", "Rosa said: why the violin? Because Bo loves it."],
  ])("with its own answer: %s", async (said, written) => {
    expect(await asked(said)).toEqual([written]);
  });

  test("beside what it asks an assistant", async () => {
    const written = await statementsOf(["user", "I'm allergic to nuts, what can I cook for eight people?"]);
    expect(written).toEqual([
      "The user is allergic to nuts.",
      "The user asked the assistant: what can the user cook for eight people?",
    ]);
  });

  test.each([
    ["Why is my Honda Civic leaking oil?", "Rosa asked Emil: why is Rosa's Honda Civic leaking oil?"],
    ["How come my cat keeps sneezing?", "Rosa asked Emil: how come Rosa's cat keeps sneezing?"],
    [
      "Could you help me plan a trip to Iceland for my parents' anniversary?",
      "Rosa asked Emil: could Emil help Rosa plan a trip to Iceland for Rosa's parents' anniversary?",
    ],
    [
      "What should I wear to the interview at Bosch?",
      "Rosa asked Emil: what should Rosa wear to the interview at Bosch?",
    ],
    ["Did you hear about my promotion?", "Rosa asked Emil: did Emil hear about Rosa's promotion?"],
    ["Did my ex tell you I cheated on him?", "Rosa asked Emil: did Rosa's ex tell Emil Rosa cheated on him?"],
    ["How do you know my husband cheated?", "Rosa asked Emil: how does Emil know Rosa's husband cheated?"],
    ["What do you think of my new haircut?", "Rosa asked Emil: what does Emil think of Rosa's new haircut?"],
  ])("as what was asked: %s", async (said, written) => {
    expect(await asked(said)).toEqual([written]);
  });

  test.each([
    "How are you?",
    "What's the capital of Peru?",
    "What do you do for fun?",
    "Do you like jazz?",
    "Do you know what time it is?",
    "Did you hear the song I wrote?",
    "Did you see the house Tom bought?",
    "Do you remember that trip?",
    "Did you know you can freeze bread?",
    "Do you believe I won the raffle?",
    "Is it true that Tom moved?",
    "Can you believe it?",
    "Can you help me?",
    "Did I tell you I love you?",
    "Did Tom tell you I owe him money?",
    "Did Anna tell you that I bought a canoe?",
    "Has anyone told you I was fired?",
    "How do you know I won't quit?",
    "Who would have thought I'd run a marathon?",
    "When you moved to Oslo, did you miss the sea?",
    "Tom, would you like some tea?",
    "Why don't we go to the beach on Sunday?",
  ])("nothing: %s", async (said) => {
    expect(await asked(said)).toEqual([]);
  });

  test.each<[string, string, string]>([
    [
      "Did you know that my uncle owns a vineyard?",
      "Yes!",
      `Emil, asked "Did Emil know that Rosa's uncle owns a vineyard?", said yes.`,
    ],
    [
      "I'm having a barbecue on Saturday, do you want to come?",
      "Yes!",
      'Emil, asked "Rosa is having a barbecue on 9 May 2026, does Emil want to come?", said yes.',
    ],
  ])("%s - %s", async (question, answer, written) => {
    const lines: Line[] = [
      ["Rosa", question],
      ["Emil", answer],
    ];
    expect((await statementsOf(...lines)).at(-1)).toBe(written);
  });
});
