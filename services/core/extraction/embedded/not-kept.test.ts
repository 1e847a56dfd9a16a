import { describe, expect, test } from "vitest";
import { extract, statementsOf } from "../testing/conversation.ts";

const toAssistant = (said: string) => statementsOf(["user", said]);

describe("what tells nothing lasting about anyone is not kept", () => {
  test.each([
    // Tasks and questions.
    "Write a regex that matches emails.",
    "how do I center a div",
    "who won the world cup in 2014",
    "What is the capital of Peru?",
    "Do you know breathing exercises that work in an office?",
    "Why does my code crash?",
    "Give me a short poem about rain.",
    "TypeError: x.map is not a function",
    // What is only worked on.
    "Translate into German: I live in Berlin and have a dog.",
    "Summarize this: I grew up in Ohio. My father was a miner. We had a farm.",
    '"I have lost my job and my wife has left me, sir!"',
    "Fix my grammar: I has two cat.",
    "Summarise: Ada lives in Bergen and works at Telenor.",
    "Here's an email I got: Hi Tom, I moved to Oslo.",
    "Rephrase this: I own a boat.",
    "use python to sort this list",
    "Use the metric system for this recipe.",
    "remind me in 5 minutes",
    // Of works, and of the moment.
    "in the movie the guy quits his job and moves to Alaska lol",
    "In chapter 3 the narrator loses her dog.",
    "The main character lives in Oslo.",
    "so tired rn",
    "ugh mondays",
    "brb getting coffee",
    "it's raining cats and dogs here",
    "I'm just playing devil's advocate here",
    "If I won the lottery I'd buy a boat",
    "I didn't understand your last answer",
    "I already told you that",
    "I'll be back in a minute",
    "nvm found it",
    "test test 123",
    "that joke was so bad",
    "I just want a short summary please",
    "it's so hot today in Rome",
    // Of an answer, of the work at hand, of the world, of the minute.
    "that makes sense now",
    "No, more formal please.",
    "The second one looks better.",
    "I'll go with option B.",
    "that's not what I asked",
    "My code doesn't compile.",
    "this function returns null",
    "Here's the error: undefined is not a function",
    "Paris is the capital of France.",
    "People say Berlin is cheap.",
    "They say an apple a day keeps the doctor away.",
    "I have a quick question.",
    "I need some help with an email.",
    "I'm trying to understand recursion.",
    "I just spilled my coffee",
    "one sec, phone's ringing",
    "need to run, talk later",
    "Good morning, hope you slept well",
    "If I lived in Bath, would my council tax be lower?",
    "Had I cancelled Sky in time, would they have refunded me?",
    "if only cats could talk",
    "lol imagine if I lived on Mars",
    // What nobody means.
    "yeah right, I'm a millionaire",
    "sure, and I'm the Queen of England",
    // What is only supposed or played.
    "Imagine I'm a pirate.",
    "Pretend you're my landlord and I'm three months late.",
    "Suppose I had three kids.",
    "Let's play 20 questions.",
    "If I had known that I would have bought a bungalow.",
    "I'd buy an island if I were rich.",
    "Then I'll eat my hat!",
    "I've told this printer a million times to print on both sides!",
    "After this tax return I'm moving to Mars.",
    "I could eat a horse.",
    "Purely hypothetical, of course.",
    "When I win the lottery I'm buying a vineyard.",
    // What passes.
    "I'm so hungry right now.",
    "it's raining again",
    "What a heat today!",
    "Higher than I thought.",
    "Just curious how that works.",
    "Gotta run.",
    // Small replies.
    "Correct.",
    "+1",
    "hm ok maybe",
  ])("%s", async (said) => {
    const { statements, dropped } = await extract(["user", said]);
    expect(statements.map(({ text }) => text)).toEqual([]);
    expect(dropped).toHaveLength(1);
  });

  test.each([
    "I need help with my divorce.",
    "That's my dog.",
    "My code name is Falcon.",
    "Some people at my office call me Bob.",
    "I'm trying to quit smoking.",
    "I'm trying to find my brother a job.",
    "Anna is the tallest of my sisters.",
    "I just had a baby.",
    "I'll go with Tom to Rome.",
    "The second one is my son Leo.",
    "I prefer the second shift.",
    "Write an email to my landlord that the heating has been broken for a week.",
    "Never use emojis.",
    "Please answer in German from now on.",
    "Remind me to call the dentist on Friday.",
    "Forget that I live in Berlin.",
    "What can I cook for my daughter's birthday?",
    "should I take the job in Munich?",
    "I'd love to move to Oslo if I could.",
    "I'm moving to the moon base project at ESA.",
    "I sent a hundred emails about my visa and nobody answers, so I'm going to the embassy in Bern on Friday.",
    "If it gets worse I'll quit my job.",
    "what i love is pottery",
    "Sure, and my sister is called Ida.",
    "In the book club I met Ana.",
    "I want a new bike.",
    "The summary of my thesis is due in May.",
    "I told you that my sister moved to Rome.",
    "In the movie business we work at night.",
    "remind me in December to renew my passport",
    "I'm so excited about my new job at SAP.",
    "sure, and I'm a vegetarian too",
    "My boss told me: I will quit.",
    "Rewrite my bio: I'm a nurse from Leeds.",
    "Use metric units.",
    "use they/them pronouns for me",
    "refer to me as Dr. Lee",
    "explain things simply",
    "Imagine my surprise when Tom proposed to me.",
  ])("but this tells something: %s", async (said) => {
    expect(await toAssistant(said)).toHaveLength(1);
  });

  test("a question is kept where what follows leans on it", async () => {
    const [asked, ...more] = await toAssistant("What grows on a balcony in Zurich? It faces north.");
    expect(asked).toContain("balcony in Zurich");
    expect(more).toEqual([]);
  });

  test("practice is no fact", async () => {
    const written = await statementsOf(
      ["user", "Ich lerne Deutsch, weil meine Frau aus Wien ist."],
      ["assistant", "Good. Now an exercise: put your sentence about the brothers into the past tense."],
      ["user", "Ich wohnte in Hamburg und hatte drei Brüder."],
    );
    expect(written.join(" ")).not.toContain("Hamburg");
  });
});
