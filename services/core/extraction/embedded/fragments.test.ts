import { describe, expect, test } from "vitest";
import { type Line, statementsOf } from "../testing/conversation.ts";

describe("a sentence without its subject", () => {
  test.each([
    ["Just got back from Oslo.", "Rosa just got back from Oslo."],
    ["Been learning the cello since January.", "Rosa has been learning the cello since January 2026."],
    ["Thinking about adopting a greyhound.", "Rosa is thinking about adopting a greyhound."],
    ["Been a few days since I slept.", "Rosa said: it has been a few days since Rosa slept."],
    [
      "Showing them how to respect and honor those who served is important.",
      "Rosa said: showing them how to respect and honor those who served is important.",
    ],
    ["Hope my visa arrives soon.", "Rosa hopes their visa arrives soon."],
    [
      "Taking care of yourself is not easy when the twins are ill.",
      "Rosa said: taking care of oneself is not easy when the twins are ill.",
    ],
    ["Having a dog brightens my days.", "Having a dog brightens Rosa's days."],
    ["Hoping my visa arrives soon.", "Rosa is hoping their visa arrives soon."],
    ["Growing up, we had no stove.", "Growing up, Rosa and others had no stove."],
  ])("%s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([written]);
  });

  test.each([
    ["Live in Graz with my two cats.", "Rosa said: live in Graz with Rosa's two cats."],
    ["Sometimes work from home.", "Rosa said: sometimes work from home."],
    ["Put in many hours and sold my boat.", "Rosa said: put in many hours and sold Rosa's boat."],
    ["Have a headache.", "Rosa said: have a headache."],
    ["Don't eat meat.", "Rosa said: don't eat meat."],
    ["Don't know the price yet.", "Rosa doesn't know the price yet."],
    ["Remember that I'm allergic to nuts.", "Rosa said: remember that Rosa is allergic to nuts."],
    ["Plan a trip to Rome for me.", "Rosa said: plan a trip to Rome for Rosa."],
    ["Let me tell you about my farm.", "Rosa said: let Rosa tell the assistant about Rosa's farm."],
    ["Raised by my grandparents in Ohio.", "Rosa said: raised by Rosa's grandparents in Ohio."],
    ["Married for ten years.", "Rosa said: married for ten years."],
    ["Turned out he was a baker.", "Rosa said: it turned out he was a baker."],
    ["Didn't help with the fever.", "Rosa said: didn't help with the fever."],
    ["Doesn't fit my bike.", "Rosa said: doesn't fit Rosa's bike."],
    ["Going to be a harsh winter.", "Rosa said: going to be a harsh winter."],
    ["Happy birthday!", "Rosa said: happy birthday."],
    ["TODO:\n- call the plumber\n- buy oats", "Rosa said: TODO. Call the plumber. Buy oats."],
    ["Je dis que mon fils me dit la vérité.", "Rosa: Je dis que mon fils me dit la vérité."],
  ])("as it was said where its subject may be another: %s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([written]);
  });
});

describe("what is asked of the other", () => {
  test.each<[string, Line[], string]>([
    [
      "advice",
      [
        ["Emil", "Hello Rosa!"],
        ["Rosa", "You should apply for the post, you have the experience."],
      ],
      "Rosa said: Emil should apply for the post, Emil has the experience.",
    ],
    [
      "an order",
      [
        ["Emil", "Hello Rosa!"],
        ["Rosa", "Don't forget to water the ferns, Emil."],
      ],
      "Rosa told Emil not to forget to water the ferns.",
    ],
    [
      "what not to propose",
      [
        ["Emil", "Hello Rosa!"],
        ["Rosa", "Don't suggest the soup again."],
      ],
      "Rosa told Emil not to suggest the soup again.",
    ],
    [
      "a wish",
      [
        ["Emil", "Hello Rosa!"],
        ["Rosa", "Have a blast baking!"],
      ],
      "Rosa told Emil to have a blast baking.",
    ],
    [
      "a proposal",
      [
        ["Emil", "Hello Rosa!"],
        ["Rosa", "Let's visit the salt mine next month."],
      ],
      "Rosa suggested that Rosa and Emil visit the salt mine in June 2026.",
    ],
    [
      "an appointment",
      [
        ["Emil", "Hello Rosa!"],
        ["Rosa", "We should meet on Friday, Emil!"],
      ],
      "Rosa and Emil should meet on 8 May 2026.",
    ],
    [
      "a present",
      [
        ["Emil", "Hello Rosa!"],
        ["Rosa", "I made you a scarf."],
      ],
      "Rosa made Emil a scarf.",
    ],
  ])("%s", async (_, lines, written) => {
    expect(await statementsOf(...lines)).toEqual([written]);
  });
});
