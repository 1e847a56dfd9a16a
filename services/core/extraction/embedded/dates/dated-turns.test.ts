import { describe, expect, test } from "vitest";
import { statementsOf } from "../../testing/conversation.ts";
import { createEmbeddedExtractor } from "../extractor.ts";

const extractor = createEmbeddedExtractor();

/** What two take turns to say on one day; the last turn's statements. */
async function told(said: string, ...texts: string[]) {
  const sentAt = new Date(`${said}T10:00:00Z`);
  const turns = texts.map((text, i) => ({
    messageId: `m${i}`,
    sessionId: "s",
    role: "user" as const,
    name: i % 2 === texts.length % 2 ? "Emil" : "Rosa",
    text,
    sentAt,
  }));
  const context = turns.slice(0, -1);
  const { statements } = await extractor.extract({
    turns: turns.slice(-1),
    context,
    summary: "",
    nearest: [],
  });
  return statements.map(({ text, valid }) => [text, valid.from?.toISOString().slice(0, 10), valid.to]);
}

describe("since when a statement holds", () => {
  test.each([
    ["2026-06-10", "I graduate in February.", "Rosa graduates in February 2027.", "2026-06-10"],
    ["2026-07-10", "I could go to Malta in June.", "Rosa could go to Malta in June 2027.", "2026-07-10"],
    ["2026-06-10", "I will move to Quito this year.", "Rosa will move to Quito in 2026.", "2026-06-10"],
    ["2026-06-10", "We fly next wk.", "Rosa and others fly in the week of 15 June 2026.", "2026-06-10"],
    ["2026-06-10", "I was ill 2 wks ago.", "Rosa was ill around 27 May 2026.", "2026-05-27"],
    [
      "2026-07-10",
      "I used to live in Quito until 2018.",
      "Rosa used to live in Quito until 2018.",
      "2026-07-10",
    ],
    ["2026-07-10", "I worked in Quito till May.", "Rosa worked in Quito till May 2026.", "2026-07-10"],
    [
      "2026-07-10",
      "I have lived in Quito since May.",
      "Rosa has lived in Quito since May 2026.",
      "2026-05-01",
    ],
    [
      "2026-07-10",
      "I stayed in Quito from December to February.",
      "Rosa stayed in Quito from December 2025 to February 2026.",
      "2025-12-01",
    ],
    [
      "2026-07-10",
      "I lived in Quito between March and June.",
      "Rosa lived in Quito between March and June 2026.",
      "2026-03-01",
    ],
    [
      "2026-07-10",
      "I was in Quito from 3 to 5 May.",
      "Rosa was in Quito from 3 to 5 May 2026.",
      "2026-05-03",
    ],
  ])("said on %s: %s", async (said, text, written, from) => {
    // No end: what is no longer valid is not found, and that it ended stays true.
    expect(await told(said, text)).toEqual([[written, from, undefined]]);
  });

  test.each([
    [
      "You start in September, right?",
      "No, in January.",
      'Rosa, asked "Rosa starts in September 2026?", said no: in January 2027.',
      "2026-07-10",
    ],
    [
      "Did Sara have the baby?",
      "Yes, a girl, Ida, on Saturday.",
      'Rosa, asked "Did Sara have the baby?", said yes: a girl, Ida, on 4 July 2026.',
      "2026-07-04",
    ],
    [
      "When did you move?",
      "In August.",
      'Rosa, asked "When did Rosa move?", said: in August 2025.',
      "2025-08-01",
    ],
    [
      "When do you move?",
      "In March.",
      'Rosa, asked "When does Rosa move?", said: in March 2027.',
      "2026-07-10",
    ],
  ])("an answer lies where its question does: %s %s", async (question, answer, written, from) => {
    expect(await told("2026-07-10", question, answer)).toEqual([[written, from, undefined]]);
  });
});

describe("when it was, by the calendar", () => {
  test.each([
    ["Sold my old bike yesterday!", "Rosa sold their old bike on 5 May 2026."],
    [
      "Can't wait for the lantern parade next Saturday!",
      "Rosa can't wait for the lantern parade on 16 May 2026.",
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
    [
      "We used to swim in Trieste, but we went to Linz three years ago.",
      "Rosa and others used to swim in Trieste, but Rosa and others went to Linz around 2023.",
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
  ])("%s", async (said, written) => {
    expect(await statementsOf(["Rosa", said])).toEqual([written]);
  });
});
