import { describe, expect, test } from "vitest";
import { extract, statementsOf } from "../testing/conversation.ts";

describe("two facts of one sentence are two statements", () => {
  test.each([
    [
      "I moved to Lisbon last week and adopted a beagle called Pixel.",
      ["The user moved to Lisbon in the week of 27 April 2026.", "The user adopted a beagle called Pixel."],
    ],
    [
      "hi im josh, 27, from Texas, i work at stripe",
      ["The user is josh.", "The user is 27.", "The user is from Texas.", "The user works at stripe."],
    ],
    [
      "I'm 34, married, two kids, live in Leeds.",
      ["The user is 34.", "The user is married.", "The user has two kids.", "The user lives in Leeds."],
    ],
    [
      "I got a tattoo of a heron. I got fined for speeding.",
      ["The user got a tattoo of a heron.", "The user got fined for speeding."],
    ],
    [
      "My phone number ends in 88. I run marathons.",
      ["The user's phone number ends in 88.", "The user runs marathons."],
    ],
    [
      "1. I sing alto\n2. I play the oboe\n3. I hate drums",
      ["The user sings alto.", "The user plays the oboe.", "The user hates drums."],
    ],
    [
      "I live with my nan in Derby, she has dementia.",
      ["The user lives with their nan in Derby.", "The user's nan has dementia."],
    ],
    [
      "I live in Porto with my dog, who is deaf.",
      ["The user lives in Porto with their dog.", "The user's dog is deaf."],
    ],
    [
      "I have a cat called Miso and she's diabetic.",
      ["The user has a cat called Miso.", "The user said: Miso is diabetic."],
    ],
    [
      "My sister lives with my dad, he has gout.",
      ["The user's sister lives with the user's dad.", "The user's dad has gout."],
    ],
    [
      "My sister lives in Cork and has twins.",
      ["The user's sister lives in Cork.", "The user's sister has twins."],
    ],
    ["I weigh 82 kilos and lift on Tuesdays.", ["The user weighs 82 kilos.", "The user lifts on Tuesdays."]],
    [
      "I'm based in Leeds, working as a plumber.",
      ["The user is based in Leeds.", "The user is working as a plumber."],
    ],
    ["I work at Equinor and live in Oslo.", ["The user works at Equinor.", "The user lives in Oslo."]],
    [
      "My sister moved to Oslo and now teaches physics.",
      ["The user's sister moved to Oslo.", "The user's sister now teaches physics."],
    ],
    ["I like tea but can't stand coffee.", ["The user likes tea.", "The user can't stand coffee."]],
    ["I'm vegan and allergic to nuts.", ["The user is vegan.", "The user is allergic to nuts."]],
    [
      "I have moved to Lisbon and adopted a dog.",
      ["The user has moved to Lisbon.", "The user has adopted a dog."],
    ],
    [
      "I'm living in Oslo and working at Equinor.",
      ["The user is living in Oslo.", "The user is working at Equinor."],
    ],
    [
      "I live in Oslo, work at Equinor and have two dogs.",
      ["The user lives in Oslo.", "The user works at Equinor.", "The user has two dogs."],
    ],
    [
      "My wife and I live in Oslo and have three kids.",
      ["The user's wife and the user live in Oslo.", "The user's wife and the user have three kids."],
    ],
    [
      "I have a dog called Rex and a cat called Minka.",
      ["The user has a dog called Rex.", "The user has a cat called Minka."],
    ],
    [
      "I moved to Lisbon, where I adopted a beagle called Pixel.",
      ["The user moved to Lisbon.", "The user adopted a beagle called Pixel."],
    ],
    [
      "My son Tom is 5 and goes to kindergarten.",
      ["The user's son Tom is 5.", "The user's son Tom goes to kindergarten."],
    ],
    ["I live in Oslo but might move to Rome.", ["The user lives in Oslo.", "The user might move to Rome."]],
    [
      "I used to live in Oslo but now live in Bergen.",
      ["The user used to live in Oslo.", "The user now lives in Bergen."],
    ],
    [
      "We live in Leeds and our kids speak Dutch.",
      ["The user and others live in Leeds.", "The user's kids speak Dutch."],
    ],
  ])("%s", async (said, written) => {
    expect(await statementsOf(["user", said])).toEqual(written);
  });

  test.each([
    [
      "Last week I moved to Oslo and adopted a cat.",
      [
        "In the week of 27 April 2026 the user moved to Oslo.",
        "In the week of 27 April 2026 the user adopted a cat.",
      ],
    ],
    [
      "Since 2019 I've lived in Oslo and worked at Equinor.",
      ["Since 2019 the user has lived in Oslo.", "Since 2019 the user has worked at Equinor."],
    ],
    [
      "I got married in June and moved to Bergen in July.",
      ["The user got married in June 2025.", "The user moved to Bergen in July 2025."],
    ],
  ])("a time in front is that of both, another its clause's alone: %s", async (said, written) => {
    expect(await statementsOf(["user", said])).toEqual(written);
  });

  test("each spans its own words and begins at its own time", async () => {
    const said = "I moved to Lisbon last week and adopted a beagle called Pixel.";
    const { statements } = await extract(["user", said]);
    expect(statements.map(({ sources: [source] }) => said.slice(source?.start, source?.end))).toEqual([
      "I moved to Lisbon last week",
      "adopted a beagle called Pixel.",
    ]);
    expect(statements.map(({ valid }) => valid.from?.toISOString().slice(0, 10))).toEqual([
      "2026-04-27",
      "2026-05-06",
    ]);
  });
});

describe("what means nothing alone stays together", () => {
  test.each([
    ["verbs in a row", "I went to the shop and bought milk."],
    ["verbs in a row", "I packed my things and moved to Lisbon."],
    ["one routine", "I get up at six and make coffee."],
    ["of what the first clause names", "I adopted a beagle and named him Pixel."],
    ["of what the first clause names", "I bought a bike and ride it to work."],
    ["of what the first clause names", "I moved to Lisbon and found a flat there."],
    ["another's words", 'Tom says "I live in Oslo and work at SAP".'],
    ["another's words", "She said I live in Rome and work at Fiat."],
    ["a condition", "If I live in Rome and work at Fiat I'll learn Italian."],
    ["a wish", "I'd love to live in Oslo and work at Equinor."],
    ["a wish", "I want to move to Lisbon and adopt a dog."],
    ["a correction", "Sorry, I meant I live in Bergen and work at Equinor."],
    ["a reason", "I moved to Lisbon because I love the sea and work at SAP."],
    ["a purpose", "I sold my car and moved to Oslo so that my son could walk to school."],
    ["what is denied of both", "I don't eat meat and drink milk."],
    ["an introduction's place", "I'm from Leeds, a great city."],
    ["what is done for somebody", "My mate Dev has cancer. I'm running a race for him."],
    ["a mood", "I'm tired, a bit hungry, and bored."],
    ["of one of two", "My dog bit my sister and she cried."],
    ["of one of two", "I work with Anna and my sister, she is a lawyer."],
    ["of somebody with a name", "I sold my car to Tom, he is happy with it."],
    ["of what goes on behind", "I live with my husband, who has diabetes, in Graz."],
    ["what happened once", "I met my boss, who was late."],
    ["another's words", "I live with my mum, she said she would move soon."],
    ["what is thought of it", "I love my job, working with kids is great."],
    ["two of a kind", "I have a sister and a brother."],
    ["two of a kind", "I'm allergic to cats and dogs."],
    ["two things liked", "I love rye bread and dark coffee."],
  ])("%s: %s", async (_, said) => {
    expect(await statementsOf(["user", said])).toHaveLength(1);
  });

  test("people tell each other stories", async () => {
    const said = "I got a puppy and joined the rowing club.";
    expect(await statementsOf(["Emil", "Hi Rosa!"], ["Rosa", said])).toHaveLength(1);
    expect(await statementsOf(["user", said])).toHaveLength(2);
  });
});
