import { describe, expect, test } from "vitest";
import { statementsOf } from "../../testing/conversation.ts";

describe("who is named", () => {
  test.each([
    [
      "I paint as a hobby and swim in Graz with my partner Jonas.",
      "Rosa paints as a hobby and swims in Graz with their partner Jonas.",
    ],
    ["I don't eat meat and I've never liked fish.", "Rosa doesn't eat meat and Rosa has never liked fish."],
    [
      "I usually swim before work and read on the tram.",
      "Rosa usually swims before work and reads on the tram.",
    ],
    [
      "I'd been to the dentist, so I'd like to eat something soft.",
      "Rosa had been to the dentist, so Rosa would like to eat something soft.",
    ],
    [
      "I'm gonna start a bakery with my cousin Ivo, 'cause I love bread.",
      "Rosa is going to start a bakery with their cousin Ivo, because Rosa loves bread.",
    ],
    ["It was so cold that the lake froze.", "Rosa said: it was so cold that the lake froze."],
    [
      "I bought a canoe. [image: a red canoe on a roof rack]",
      "Rosa bought a canoe. Rosa shared a picture of a red canoe on a roof rack.",
    ],
    ["I am tired and have two jobs.", "Rosa is tired and has two jobs."],
    ["I'm sunk in work, and look at my desk!", "Rosa is sunk in work, and look at their desk."],
    [
      "You're doing great in class, keep it up!",
      "Rosa said: the assistant is doing great in class, keep it up.",
    ],
    ["I am afraid my kids swim and run.", "Rosa is afraid their kids swim and run."],
    ["I gotta buy flour.", "Rosa has to buy flour."],
    ["I got the job!", "Rosa got the job."],
    ["I no longer work at Bosch.", "Rosa no longer works at Bosch."],
  ])("%s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([written]);
  });
});

describe("who else is", () => {
  test.each([
    [
      "My husband and I are repainting the kitchen. We chose a dark green.",
      "Rosa's husband and Rosa are repainting the kitchen. Rosa and their husband chose a dark green.",
    ],
    [
      "I explored the salt mine with them and they lent me their lamps.",
      "Rosa explored the salt mine with them and they lent Rosa their lamps.",
    ],
    ["We got to meet the mayor.", "Rosa and others got to meet the mayor."],
    [
      "According to my aunt, we descend from smugglers.",
      "According to Rosa's aunt, Rosa and others descend from smugglers.",
    ],
    ["Anna asked me for 200 euros. I said no.", "Anna asked Rosa for 200 euros. Rosa said no."],
    ["My kids and I sang, our song won.", "Rosa's kids and Rosa sang, Rosa and their kids' song won."],
  ])("%s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([written]);
  });

  test.each([
    ["I hear you are moving.", "Rosa hears Emil is moving."],
    ["You never call me.", "Rosa said: Emil never calls Rosa."],
    [
      "Your singing brings you joy and me headaches.",
      "Rosa said: Emil's singing brings Emil joy and Rosa headaches.",
    ],
    ["Life is short, let's sing.", "Life is short, let Rosa and Emil sing."],
  ])("what is said of the other is what one says: %s", async (said, written) => {
    expect(await statementsOf(["Emil", "Hello Rosa!"], ["Rosa", said])).toEqual([written]);
  });

  test("she is whoever was named last", async () => {
    const written = await statementsOf(
      ["Rosa", "My cat Miso broke her leg."],
      ["Emil", "Oh no! How is she?"],
      ["Rosa", "She is sleeping next to me."],
    );
    expect(written).toEqual([
      "Rosa's cat Miso broke her leg.",
      'Rosa, asked about Miso "How is she?", said: she is sleeping next to Rosa.',
    ]);
  });
});
