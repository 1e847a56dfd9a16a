import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Statement, Turn } from "../extractor.ts";
import { readsAlone } from "../testing/self-contained.ts";
import { createEmbeddedExtractor } from "./extractor.ts";
import { normalize } from "./normalize.ts";
import { thirdPerson } from "./verbs.ts";

const extractor = createEmbeddedExtractor();
/** A Wednesday. */
const SAID = new Date("2026-05-06T10:00:00Z");

type Line = readonly [who: "rosa" | "emil" | "user" | "assistant" | "tool" | "system", text: string];

function turnsOf(lines: readonly Line[], sentAt = SAID): Turn[] {
  return lines.map(([who, text], i) => ({
    messageId: `m${i}`,
    sessionId: "s",
    role: who === "rosa" || who === "emil" ? "user" : who,
    name: who === "rosa" ? "Rosa" : who === "emil" ? "Emil" : undefined,
    text,
    sentAt,
  }));
}

async function extract(...lines: Line[]) {
  return extractor.extract({ turns: turnsOf(lines), context: [], summary: "", nearest: [] });
}

async function texts(...lines: Line[]): Promise<string[]> {
  return (await extract(...lines)).statements.map((statement) => statement.text);
}

async function one(...lines: Line[]): Promise<Statement> {
  const { statements } = await extract(...lines);
  expect(statements).toHaveLength(1);
  return statements[0] as Statement;
}

describe("a turn of its own", () => {
  test.each([
    [
      "I work as a nurse and live in Graz with my partner Jonas.",
      "Rosa works as a nurse and lives in Graz with their partner Jonas.",
    ],
    ["I don't eat meat and I've never liked fish.", "Rosa doesn't eat meat and Rosa has never liked fish."],
    [
      "I usually swim before work and read on the tram.",
      "Rosa usually swims before work and reads on the tram.",
    ],
    ["Sold my old bike yesterday!", "Rosa sold their old bike on 5 May 2026."],
    ["Just got back from Oslo.", "Rosa just got back from Oslo."],
    ["Been learning the cello since January.", "Rosa has been learning the cello since January 2026."],
    ["Thinking about adopting a greyhound.", "Rosa is thinking about adopting a greyhound."],
    [
      "Can't wait for the lantern parade next Saturday!",
      "Rosa can't wait for the lantern parade on 16 May 2026.",
    ],
    ["Been a few days since I slept.", "Rosa said: it has been a few days since Rosa slept."],
    [
      "Showing them how to respect and honor those who served is important.",
      "Rosa said: showing them how to respect and honor those who served is important.",
    ],
    ["I washed the car I sleep in yesterday.", "Rosa washed the car Rosa sleeps in on 5 May 2026."],
    ["I've got an interview on Monday.", "Rosa has got an interview on 11 May 2026."],
    ["My exam was moved to Tuesday.", "Rosa's exam was moved to 12 May 2026."],
    ["I have booked the cabin for January.", "Rosa has booked the cabin for January 2027."],
    ["We are getting married in April.", "Rosa and others are getting married in April 2027."],
    [
      "We decided to move to Turin in February.",
      "Rosa and others decided to move to Turin in February 2027.",
    ],
    ["We moved to Turin in February.", "Rosa and others moved to Turin in February 2026."],
    ["Hope my visa arrives soon.", "Rosa hopes their visa arrives soon."],
    [
      "My husband and I are repainting the kitchen. We chose a dark green.",
      "Rosa's husband and Rosa are repainting the kitchen. Rosa and their husband chose a dark green.",
    ],
    [
      "We used to live in Trieste, but we moved to Linz three years ago.",
      "Rosa and others used to live in Trieste, but Rosa and others moved to Linz around 2023.",
    ],
    [
      "I'd been to the dentist, so I'd like to eat something soft.",
      "Rosa had been to the dentist, so Rosa would like to eat something soft.",
    ],
    [
      "I'm gonna start a bakery with my cousin Ivo, 'cause I love bread.",
      "Rosa is going to start a bakery with their cousin Ivo, because Rosa loves bread.",
    ],
    [
      "They offered me the job on Monday and I start on 1 June.",
      "Rosa said: they offered Rosa the job on 4 May 2026 and Rosa starts on 1 June 2026.",
    ],
    ["Every Tuesday and Thursday I teach Latin.", "Every Tuesday and Thursday Rosa teaches Latin."],
    ["The meeting is tomorrow at 9 am.", "Rosa said: the meeting is tomorrow at 9 am (7 May 2026)."],
    ["On 3 March I passed my driving test.", "On 3 March 2026 Rosa passed their driving test."],
    ["I'll be in Porto in two weeks.", "Rosa will be in Porto around 20 May 2026."],
    ["I read the whole book in two weeks.", "Rosa read the whole book in two weeks."],
    ["Last year was hard.", "Rosa said: 2025 was hard."],
    ["It was so cold that the lake froze.", "Rosa said: it was so cold that the lake froze."],
    ["If I were rich I would buy an island.", "If Rosa were rich Rosa would buy an island."],
    [
      "1. I sing alto\n2. I play the oboe\n3. I hate drums",
      "Rosa sings alto. Rosa plays the oboe. Rosa hates drums.",
    ],
    [
      "I bought a canoe. [image: a red canoe on a roof rack]",
      "Rosa bought a canoe. Rosa shared a picture of a red canoe on a roof rack.",
    ],
    [
      "Taking care of yourself is not easy when the twins are ill.",
      "Rosa said: taking care of oneself is not easy when the twins are ill.",
    ],
    [
      "I explored the salt mine with them and they lent me their lamps.",
      "Rosa explored the salt mine with them and they lent Rosa their lamps.",
    ],
    ["We got to meet the mayor.", "Rosa and others got to meet the mayor."],
    ["I gotta buy flour.", "Rosa has to buy flour."],
    [
      "According to my aunt, we descend from smugglers.",
      "According to Rosa's aunt, Rosa and others descend from smugglers.",
    ],
    ["Having a dog brightens my days.", "Having a dog brightens Rosa's days."],
    ["Hoping my visa arrives soon.", "Rosa is hoping their visa arrives soon."],
    ["I got the job!", "Rosa got the job."],
    ["I no longer work at Bosch.", "Rosa no longer works at Bosch."],
    ["Anna asked me for 200 euros. I said no.", "Anna asked Rosa for 200 euros. Rosa said no."],
    ["Growing up, we had no stove.", "Growing up, Rosa and others had no stove."],
    ["My kids and I sang, our song won.", "Rosa's kids and Rosa sang, Rosa and their kids' song won."],
  ])("%s", async (said, written) => {
    expect(await texts(["rosa", said])).toEqual([written]);
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
    ["Let me tell you about my farm.", "Rosa said: let Rosa tell the other person about Rosa's farm."],
    ["Raised by my grandparents in Ohio.", "Rosa said: raised by Rosa's grandparents in Ohio."],
    ["Married for ten years.", "Rosa said: married for ten years."],
    ["Turned out he was a baker.", "Rosa said: it turned out he was a baker."],
    ["Didn't help with the fever.", "Rosa said: didn't help with the fever."],
    ["Doesn't fit my bike.", "Rosa said: doesn't fit Rosa's bike."],
    ["Going to be a harsh winter.", "Rosa said: going to be a harsh winter."],
    ["Happy birthday!", "Rosa said: happy birthday."],
    ["TODO:\n- call the plumber\n- buy oats", "Rosa said: TODO. Call the plumber. Buy oats."],
    ["Je dis que mon fils me dit la vérité.", "Rosa said: Je dis que mon fils me dit la vérité."],
  ])("as it was said where its subject may be another: %s", async (said, written) => {
    expect(await texts(["rosa", said])).toEqual([written]);
  });

  test.each([
    ['She said "I love you" and I cried.', 'Rosa said: she said "I love you" and Rosa cried.'],
    [
      'My boss told me: "I will fire you. You are late." I quit.',
      `Rosa's boss told Rosa: "I will fire you. You are late." Rosa quit.`,
    ],
    ["He yelled “me first!” and ran.", 'Rosa said: he yelled "me first!" and ran.'],
    ["My grandfather fought in World War I.", "Rosa's grandfather fought in World War I."],
    ["My son has Type I diabetes.", "Rosa's son has Type I diabetes."],
    [
      "At this stage I think we need Phase I trials.",
      "At this stage Rosa thinks Rosa and others need Phase I trials.",
    ],
    ["I saw the tomb of Elizabeth I yesterday.", "Rosa saw the tomb of Elizabeth I on 5 May 2026."],
    ["I moved to the US and they helped us.", "Rosa moved to the US and they helped Rosa and others."],
    ["I use `for i in range(3)` in my script.", "Rosa uses `for i in range(3)` in their script."],
    [
      "My script:\nfor i in range(3):\n  print(i)\nI wrote it at work.",
      "Rosa said: Rosa's script. Rosa wrote it at work.",
    ],
    [
      "We watched You've Got Mail and sang I Will Always Love You.",
      "Rosa and others watched You've Got Mail and sang I Will Always Love You.",
    ],
    ["I met June Carter in May Street.", "Rosa met June Carter in May Street."],
    ['My dad said "see you tomorrow".', `Rosa's dad said "see you tomorrow".`],
    ["My dad always says: You reap what you sow.", "Rosa's dad always says: You reap what you sow."],
    ["I told him 'I never liked it', that was it.", "Rosa told him 'I never liked it', that was it."],
    ["My wife wrote me this: I am leaving you.", "Rosa's wife wrote Rosa this: I am leaving you."],
    ["The sign read: You must be 18.", "Rosa said: the sign read: You must be 18."],
    [
      "Summarize this: I grew up in Ohio. My father was a miner.",
      'Rosa told the other person to summarize this: I grew up in Ohio. "My father was a miner."',
    ],
    [
      "Here's the letter they sent:\nDear Ms. Vidal,\nwe hire you. You start tomorrow.\nAlpine Rail",
      `Rosa said: here's the letter they sent. "Dear Ms. Vidal, we hire you. You start tomorrow. Alpine Rail".`,
    ],
  ])("word for word where another speaks or a name stands: %s", async (said, written) => {
    expect(await texts(["rosa", said])).toEqual([written]);
  });
});

describe("two who talk", () => {
  test.each<[string, Line[], string]>([
    [
      "advice",
      [
        ["emil", "Hello Rosa!"],
        ["rosa", "You should apply for the post, you have the experience."],
      ],
      "Rosa said: Emil should apply for the post, Emil has the experience.",
    ],
    [
      "an order",
      [
        ["emil", "Hello Rosa!"],
        ["rosa", "Don't forget to water the ferns, Emil."],
      ],
      "Rosa told Emil not to forget to water the ferns.",
    ],
    [
      "a wish",
      [
        ["emil", "Hello Rosa!"],
        ["rosa", "Have a blast baking!"],
      ],
      "Rosa told Emil to have a blast baking.",
    ],
    [
      "yes to a question of when or where",
      [
        ["rosa", "How long have you lived in Linz?"],
        ["emil", "Yeah, I love the river there. Four years."],
      ],
      'Emil, asked "How long has Emil lived in Linz?", said: Emil loves the river there. Four years.',
    ],
    [
      "a proposal",
      [
        ["emil", "Hello Rosa!"],
        ["rosa", "Let's visit the salt mine next month."],
      ],
      "Rosa suggested that Rosa and Emil visit the salt mine in June 2026.",
    ],
    [
      "an appointment",
      [
        ["emil", "Hello Rosa!"],
        ["rosa", "We should meet on Friday, Emil!"],
      ],
      "Rosa and Emil should meet on 8 May 2026.",
    ],
    [
      "a present",
      [
        ["emil", "Hello Rosa!"],
        ["rosa", "I made you a scarf."],
      ],
      "Rosa made Emil a scarf.",
    ],
    [
      "a short answer",
      [
        ["rosa", "Where did you park?"],
        ["emil", "Behind the library."],
      ],
      'Emil, asked "Where did Emil park?", said: behind the library.',
    ],
    [
      "yes and more",
      [
        ["rosa", "Did you finish the marathon?"],
        ["emil", "Yes! It took me four hours."],
      ],
      'Emil, asked "Did Emil finish the marathon?", said yes: it took Emil four hours.',
    ],
    [
      "words too small to stand alone",
      [
        ["rosa", "Is it a boy or a girl?"],
        ["emil", "A girl. We'll call her Clara."],
      ],
      'Emil, asked "Is it a boy or a girl?", said: a girl. Emil and others will call her Clara.',
    ],
    [
      "one small word",
      [
        ["rosa", "How was the concert?"],
        ["emil", "Oh, amazing!"],
      ],
      'Emil, asked "How was the concert?", said: amazing.',
    ],
    [
      "a verb without its object",
      [
        ["rosa", "Hi Emil!"],
        ["emil", "Hi Rosa!"],
        ["rosa", "Will you bring the candles?"],
        ["emil", "I'll, and a nut-free cake."],
      ],
      'Emil, asked "Will Emil bring the candles?", said: Emil will, and a nut-free cake.',
    ],
    [
      "no behind a word of yes",
      [
        ["rosa", "Will you sell the vineyard?"],
        ["emil", "Definitely not."],
      ],
      'Emil, asked "Will Emil sell the vineyard?", said no.',
    ],
    [
      "yes and no",
      [
        ["rosa", "Are you a morning person?"],
        ["emil", "Yes and no."],
      ],
      'Emil, asked "Is Emil a morning person?", said yes and no.',
    ],
    [
      "no that answers nothing",
      [
        ["rosa", "Can you move the piano on Saturday?"],
        ["emil", "No problem!"],
      ],
      'Emil, asked "Can Emil move the piano on 9 May 2026?", said: no problem.',
    ],
    [
      "small words behind no",
      [
        ["rosa", "Don't you like sushi?"],
        ["emil", "No, I love it!"],
      ],
      `Emil, asked "Doesn't Emil like sushi?", said no: Emil loves it.`,
    ],
    [
      "an auxiliary",
      [
        ["rosa", "Did you pass the exam?"],
        ["emil", "I didn't."],
      ],
      `Emil, asked "Did Emil pass the exam?", said: Emil didn't.`,
    ],
    [
      "an auxiliary, and more",
      [
        ["rosa", "Can you pick me up at the harbour?"],
        ["emil", "Sorry, I can't. My car is broken and the mechanic is away."],
      ],
      `Emil, asked "Can Emil pick Rosa up at the harbour?", said: Emil can't. Emil's car is broken and the mechanic is away.`,
    ],
    [
      "no to what only the asked one knows",
      [
        ["rosa", "You're vegetarian, aren't you?"],
        ["emil", "No."],
      ],
      'Emil, asked "Emil is vegetarian?", said no.',
    ],
    [
      "what looks like an order",
      [
        ["rosa", "What do you do for exercise?"],
        ["emil", "Go to the pool."],
      ],
      'Emil, asked "What does Emil do for exercise?", said: go to the pool.',
    ],
    [
      "without its subject, of another",
      [
        ["rosa", "Where does your brother live?"],
        ["emil", "Moved to Oslo last year."],
      ],
      `Emil, asked "Where does Emil's brother live?", said: moved to Oslo in 2025.`,
    ],
    [
      "a day that comes back",
      [
        ["rosa", "When is your birthday?"],
        ["emil", "March 14."],
      ],
      `Emil, asked "When is Emil's birthday?", said: March 14.`,
    ],
    [
      "only no",
      [
        ["rosa", "Have you ever been to Japan?"],
        ["emil", "No."],
      ],
      'Emil, asked "Has Emil ever been to Japan?", said no.',
    ],
    [
      "a question of small words",
      [
        ["rosa", "What do you do for fun?"],
        ["emil", "Hi Rosa! Mostly pottery."],
      ],
      'Emil, asked "What does Emil do for fun?", said: mostly pottery.',
    ],
  ])("%s", async (_, lines, written) => {
    expect(await texts(...lines)).toEqual([written]);
  });

  test.each([
    ["I love hiking.", "Me too!", 'Emil, replying to "Rosa loves hiking", said: Emil too.'],
    ["I hate coriander.", "So do I.", 'Emil, replying to "Rosa hates coriander", said: so does Emil.'],
    ["You should try yoga.", "I will!", 'Emil, replying to "Emil should try yoga", said: Emil will.'],
    [
      "So you're moving to Spain.",
      "No, to Portugal.",
      'Emil, replying to "Emil is moving to Spain", said no: to Portugal.',
    ],
    ["Are you coming? I made lasagna.", "Yes!", 'Emil, asked "Is Emil coming?", said yes.'],
  ])("%s - %s", async (said, reply, written) => {
    const made = await texts(["rosa", said], ["emil", reply]);
    expect(made.at(-1)).toBe(written);
  });

  test("what is told before a question given back is kept", async () => {
    const written = await texts(
      ["rosa", "Do you live alone?"],
      ["emil", "I live with my sister, and you?"],
      ["rosa", "With two cats."],
    );
    expect(written).toEqual([
      'Emil, asked "Does Emil live alone?", said: Emil lives with their sister.',
      'Rosa, asked "Does Rosa live alone?", said: with two cats.',
    ]);
  });

  test("a question given back is asked anew", async () => {
    const written = await texts(
      ["rosa", "What did you have for dinner?"],
      ["emil", "Leftovers. You?"],
      ["rosa", "Pizza."],
    );
    expect(written.at(-1)).toBe('Rosa, asked "What did Rosa have for dinner?", said: Pizza.');
  });

  test.each([
    ["Congrats on your new job at Bosch!", "Rosa said: Congrats on Emil's new job at Bosch."],
    ["Thank God I never sold it!", "Rosa said: thank God Rosa never sold it."],
  ])("a courtesy that names something is kept: %s", async (said, written) => {
    expect(await texts(["emil", "Hello Rosa!"], ["rosa", said])).toEqual([written]);
  });

  test.each(["Oh no!", "No way!"])("%s is neither yes nor no", async (exclamation) => {
    const made = await texts(["rosa", "Did you hear that Anna broke her leg?"], ["emil", exclamation]);
    expect(made.join()).not.toMatch(/said (?:yes|no)(?: and no)?[.:]/);
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
    expect(await texts(["emil", "Hello Rosa!"], ["rosa", said])).toEqual([written]);
  });

  test("a pronoun stands beside the sentence that it points back to", async () => {
    const written = await texts(
      ["emil", "The choir sang Brahms at the town hall."],
      ["rosa", "That was a great concert!"],
    );
    expect(written.at(-1)).toBe(
      'Rosa, replying to "The choir sang Brahms at the town hall", said: that was a great concert.',
    );
  });

  test("what points back at nothing told is left as it is", async () => {
    expect(await texts(["emil", "Good morning, Rosa!"], ["rosa", "This is driving me crazy."])).toEqual([
      "Rosa said: this is driving Rosa crazy.",
    ]);
  });

  test("praise is no answer", async () => {
    expect(await texts(["rosa", "Where did you buy that lovely coat?"], ["emil", "Oh wow, thanks!"])).toEqual(
      [],
    );
  });

  test("she is whoever was named last", async () => {
    const written = await texts(
      ["rosa", "My cat Miso broke her leg."],
      ["emil", "Oh no! How is she?"],
      ["rosa", "She is sleeping next to me."],
    );
    expect(written).toEqual([
      "Rosa's cat Miso broke her leg.",
      'Rosa, asked about Miso "How is she?", said: she is sleeping next to Rosa.',
    ]);
  });

  test("greetings, thanks and reactions are dropped, and said to be", async () => {
    const { statements, dropped } = await extract(
      ["rosa", "Hey Emil! How are you? :)"],
      ["emil", "Hi Rosa! Good to see you!"],
      ["rosa", "Thanks so much for the lovely evening!"],
      ["emil", "You're welcome! 😀"],
      ["rosa", "  "],
    );
    expect(statements).toEqual([]);
    expect(dropped.map(({ reason }) => reason)).toEqual([
      "small_talk",
      "small_talk",
      "small_talk",
      "small_talk",
      "empty",
    ]);
  });

  test("an answer has its question's turn as a further source; a full sentence has not", async () => {
    const short = await one(["rosa", "Where did you park?"], ["emil", "Behind the library."]);
    expect(short.sources).toEqual([
      { messageId: "m1", start: 0, end: 19 },
      { messageId: "m0", start: 0, end: 19 },
    ]);
    const full = await one(
      ["rosa", "Where did you park?"],
      ["emil", "I parked the van behind the old library near the river, next to the bakery."],
    );
    expect(full.sources.map(({ messageId }) => messageId)).toEqual(["m1"]);
  });
});

describe("a user and an assistant", () => {
  test("without names they are the user and the assistant", async () => {
    expect(
      await texts(
        ["user", "I'm vegetarian and allergic to peanuts."],
        ["assistant", "Noted! I recommend the lentil curry, it is nut-free."],
      ),
    ).toEqual([
      "The user is vegetarian and allergic to peanuts.",
      "The assistant recommends the lentil curry, it is nut-free.",
    ]);
  });

  test("what the user asks an assistant is kept, of little importance", async () => {
    const { statements } = await extract(
      ["user", "What should I cook for eight people?"],
      ["assistant", "You could try a risotto."],
    );
    expect(statements[0]?.text).toBe(
      "The user asked the assistant: what should the user cook for eight people?",
    );
    expect(statements[0]?.importance).toBeLessThan(0.4);
    expect(statements[1]?.text).toBe(
      'The assistant, asked "What should the user cook for eight people?", said: the user could try a risotto.',
    );
  });

  test("what the assistant says is its own, inferred and less important", async () => {
    const { statements } = await extract(
      ["user", "I sleep badly."],
      ["assistant", "Magnesium helps many people to sleep."],
    );
    expect(statements[0]).toMatchObject({ origin: "stated" });
    expect(statements[1]).toMatchObject({
      text: "The assistant said: Magnesium helps many people to sleep.",
      origin: "inferred",
    });
    expect(statements[1]?.importance).toBeLessThan(statements[0]?.importance ?? 0);
  });

  test("a standing order is procedural", async () => {
    const order = await one(["assistant", "Hello!"], ["user", "Please always answer in Portuguese."]);
    expect(order).toMatchObject({
      text: "The user told the assistant to always answer in Portuguese.",
      kind: "procedural",
    });
  });

  test("system turns, code and an assistant's politeness give nothing", async () => {
    const { statements, dropped } = await extract(
      ["system", "You are a helpful travel agent."],
      ["user", "```\nconst answer = 42;\n```"],
      ["assistant", "That is a lovely idea."],
    );
    expect(statements).toEqual([]);
    expect(dropped.map(({ reason }) => reason)).toEqual(["not_about_anyone", "small_talk", "small_talk"]);
  });

  test("a tool's report is a tool's", async () => {
    expect(await one(["tool", "The flight LX 2084 leaves at 14:20."])).toMatchObject({
      text: "The tool said: the flight LX 2084 leaves at 14:20.",
      origin: "tool",
    });
  });

  test("a long turn becomes several statements, each with its own span", async () => {
    const sentence = (i: number) =>
      `Step ${i} takes the dough out of the bowl and folds it gently over the wooden table twice.`;
    const text = [1, 2, 3, 4, 5, 6].map(sentence).join(" ");
    const { statements } = await extract(["user", "How do I bake bread?"], ["assistant", text]);
    const own = statements.filter((statement) => statement.sources[0]?.messageId === "m1");
    expect(own.length).toBeGreaterThan(1);
    for (const [i, { sources }] of own.entries()) {
      expect(sources[0]?.start ?? 0).toBeGreaterThanOrEqual(own[i - 1]?.sources[0]?.end ?? 0);
    }
  });
});

describe("what is known beside the text", () => {
  test("names with types, and relations between them", async () => {
    const { entities, relations } = await one([
      "rosa",
      "I work as a nurse and live in Graz with my partner Jonas.",
    ]);
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
    expect((await one(["rosa", said])).relations).toContainEqual({ source: "Rosa", ...relation });
  });

  test.each(["If I moved to Berlin, I'd swim.", "I wish I lived in Paris.", "Anna thinks I live in Rome."])(
    "what is not so relates nothing: %s",
    async (said) => {
      expect((await one(["rosa", said])).relations).toEqual([]);
    },
  );

  test("nobody is his own kin", async () => {
    const { relations } = await one(["rosa", "Except for my brother, we all moved to Canada."]);
    expect(relations.map(({ target }) => target)).not.toContain("Rosa");
  });

  test("a past date begins the valid time, a plan is valid since it was said", async () => {
    expect((await one(["rosa", "I broke my arm last Friday."])).valid.from).toEqual(
      new Date("2026-05-01T00:00:00Z"),
    );
    expect((await one(["rosa", "I've had asthma since 2011."])).valid.from).toEqual(
      new Date("2011-01-01T00:00:00Z"),
    );
    expect((await one(["rosa", "I'm flying to Rome next month."])).valid.from).toEqual(SAID);
  });

  test("lasting facts matter more than remarks, hedges are less sure", async () => {
    const fact = await one(["rosa", "My sister Anna is a doctor."]);
    const remark = await one(["rosa", "The queue was endless."]);
    const hedge = await one(["rosa", "Maybe I will paint the fence."]);
    expect(fact.importance).toBeGreaterThan(remark.importance);
    expect(hedge.confidence).toBeLessThan(fact.confidence);
    expect(fact).toMatchObject({ kind: "semantic", category: "family" });
  });
});

describe("context", () => {
  test("is read but never extracted from, and whatever way turns are cut the first source is the same", async () => {
    const turns = turnsOf([
      ["rosa", "Where did you park?"],
      ["emil", "Behind the library."],
      ["rosa", "I parked at the station."],
    ]);
    const whole = await extractor.extract({ turns, context: [], summary: "", nearest: [] });
    const cut = await extractor.extract({
      turns: turns.slice(1),
      context: turns.slice(0, 1),
      summary: "",
      nearest: [],
    });
    expect(cut.statements).toEqual(whole.statements);
  });

  test("a session's edge hides what was said before", async () => {
    const [question, answer] = turnsOf([
      ["rosa", "Where did you park?"],
      ["emil", "Behind the library."],
    ]) as [Turn, Turn];
    const turns = [question, { ...answer, sessionId: "later" }];
    const { statements } = await extractor.extract({ turns, context: [], summary: "", nearest: [] });
    expect(statements.map(({ text }) => text)).toEqual(["Emil said: behind the library."]);
  });

  test("stops when told to", async () => {
    const turns = turnsOf([["rosa", "I like tea."]]);
    const input = { turns, context: [], summary: "", nearest: [] };
    await expect(extractor.extract(input, AbortSignal.abort())).rejects.toThrow();
  });
});

describe("nothing is invented", () => {
  const demo = new URL("../../../../examples/demo/conversation.json", import.meta.url);

  test("the demo's statements read on their own, 95 % at least", async () => {
    const { statements } = await extractDemo(await demoTurns(demo));
    expect(statements.length).toBeGreaterThan(50);
    const alone = statements.filter(({ text }) => readsAlone(text));
    expect(alone.length / statements.length).toBeGreaterThanOrEqual(0.95);
  });

  test("every content word comes from the sources, the turns before them, names or dates", async () => {
    const turns = await demoTurns(demo);
    const place = new Map(turns.map((turn, i) => [turn.messageId, i]));
    const { statements } = await extractDemo(turns);
    for (const { text, sources } of statements) {
      const at = place.get(sources[0]?.messageId ?? "") ?? 0;
      const said = turns.slice(Math.max(0, at - 4), at + 1).map((turn) => `${turn.text} ${turn.name ?? ""}`);
      const known = vocabulary(said.join(" "));
      for (const word of wordsOf(text)) expect(known, `${word} in: ${text}`).toContain(word);
    }
  });

  test("any text gives statements with spans inside it and every turn an outcome", async () => {
    const piece = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.constantFrom(
        "I ",
        "you ",
        "my ",
        "yesterday ",
        "? ",
        "! ",
        "\n",
        "[image: a cat] ",
        "and ",
        "Rosa, ",
        "it is ",
        "```",
        "we ",
      ),
    );
    const line = fc.tuple(
      fc.constantFrom(
        "rosa" as const,
        "emil" as const,
        "user" as const,
        "assistant" as const,
        "tool" as const,
        "system" as const,
      ),
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
        const { statements, dropped } = await extract(...lines);
        const length = new Map(lines.map(([, text], i) => [`m${i}`, text.length]));
        for (const { text, sources, embeddingText, confidence, importance, valid } of statements) {
          expect(text.trim()).not.toBe("");
          expect(embeddingText).not.toBe("");
          expect(confidence).toBeGreaterThan(0);
          expect(confidence).toBeLessThanOrEqual(1);
          expect(importance).toBeGreaterThan(0);
          expect(importance).toBeLessThanOrEqual(1);
          expect(valid.from?.getTime()).not.toBeNaN();
          for (const { messageId, start, end } of sources) {
            expect(start).toBeGreaterThanOrEqual(0);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(length.get(messageId) ?? -1);
          }
        }
        const told = new Set([
          ...statements.map(({ sources }) => sources[0]?.messageId),
          ...dropped.map((d) => d.messageId),
        ]);
        expect(told.size).toBe(lines.length);
      }),
      { numRuns: 200 },
    );
  });

  test("a message without an end takes linear time", async () => {
    for (const text of [
      "a".repeat(200_000),
      " ".repeat(200_000),
      "I, ".repeat(70_000),
      "?!.".repeat(70_000),
      '"'.repeat(200_000),
      "Subject: ".repeat(20_000),
      "email from ".repeat(20_000),
    ]) {
      const { statements } = await extract(["user", text]);
      expect(statements.length).toBeLessThanOrEqual(40);
    }
  }, 60_000);
});

interface DemoFile {
  readonly conversation: Readonly<Record<string, unknown>>;
}

/** The demo's turns; the assistant goes without a name. */
async function demoTurns(file: URL): Promise<Turn[]> {
  const [sample] = JSON.parse(await readFile(file, "utf8")) as DemoFile[];
  const turns: Turn[] = [];
  for (let session = 1; ; session += 1) {
    const lines = sample?.conversation[`session_${session}`] as {
      speaker: string;
      dia_id: string;
      text: string;
    }[];
    if (!lines) return turns;
    const when = String(sample?.conversation[`session_${session}_date_time`]).replace(/^.* on /, "");
    for (const { speaker, dia_id, text } of lines) {
      const machine = speaker === "Assistant";
      turns.push({
        messageId: dia_id,
        sessionId: String(session),
        role: machine ? "assistant" : "user",
        name: machine ? undefined : speaker,
        text,
        sentAt: new Date(`${when} UTC`),
      });
    }
  }
}

function extractDemo(turns: readonly Turn[]) {
  return extractor.extract({ turns, context: [], summary: "", nearest: [] });
}

/** What the extractor may add: names by role, verbs of saying, pronouns for names, dates. */
const ADDED =
  "yes no the user assistant others and said asked replying after saying told suggested shared about to not a picture of is has does was them their theirs themself it they that in on around week weekend evening morning night january february march april may june july august september october november december";

function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}]+(?:'[\p{L}]+)?/gu) ?? []).map((word) => word.replace(/'s$/, ""));
}

function vocabulary(said: string): Set<string> {
  const plain = [...wordsOf(said), ...wordsOf(normalize(said)), ...wordsOf(ADDED)];
  return new Set([...plain, ...plain.map((word) => thirdPerson(word)), "doesn't", "isn't", "hasn't"]);
}
