import { describe, expect, test } from "vitest";
import { type Line, statementsOf } from "../testing/conversation.ts";

describe("an answer has its question", () => {
  test.each<[string, Line[], string]>([
    [
      "yes to a question of when or where",
      [
        ["Rosa", "How long have you lived in Linz?"],
        ["Emil", "Yeah, I love the river there. Four years."],
      ],
      'Emil, asked "How long has Emil lived in Linz?", said: Emil loves the river there. Four years.',
    ],
    [
      "a short answer",
      [
        ["Rosa", "Where did you park?"],
        ["Emil", "Behind the library."],
      ],
      'Emil, asked "Where did Emil park?", said: behind the library.',
    ],
    [
      "yes and more",
      [
        ["Rosa", "Did you finish the marathon?"],
        ["Emil", "Yes! It took me four hours."],
      ],
      'Emil, asked "Did Emil finish the marathon?", said yes: it took Emil four hours.',
    ],
    [
      "words too small to stand alone",
      [
        ["Rosa", "Is it a boy or a girl?"],
        ["Emil", "A girl. We'll call her Clara."],
      ],
      'Emil, asked "Is it a boy or a girl?", said: a girl. Emil and others will call her Clara.',
    ],
    [
      "one small word",
      [
        ["Rosa", "How was the concert?"],
        ["Emil", "Oh, amazing!"],
      ],
      'Emil, asked "How was the concert?", said: amazing.',
    ],
    [
      "a verb without its object",
      [
        ["Rosa", "Hi Emil!"],
        ["Emil", "Hi Rosa!"],
        ["Rosa", "Will you bring the candles?"],
        ["Emil", "I'll, and a nut-free cake."],
      ],
      'Emil, asked "Will Emil bring the candles?", said: Emil will, and a nut-free cake.',
    ],
    [
      "no behind a word of yes",
      [
        ["Rosa", "Will you sell the vineyard?"],
        ["Emil", "Definitely not."],
      ],
      'Emil, asked "Will Emil sell the vineyard?", said no.',
    ],
    [
      "yes and no",
      [
        ["Rosa", "Are you a morning person?"],
        ["Emil", "Yes and no."],
      ],
      'Emil, asked "Is Emil a morning person?", said yes and no.',
    ],
    [
      "no that answers nothing",
      [
        ["Rosa", "Can you move the piano on Saturday?"],
        ["Emil", "No problem!"],
      ],
      'Emil, asked "Can Emil move the piano on 9 May 2026?", said: no problem.',
    ],
    [
      "small words behind no",
      [
        ["Rosa", "Don't you like sushi?"],
        ["Emil", "No, I love it!"],
      ],
      `Emil, asked "Doesn't Emil like sushi?", said no: Emil loves it.`,
    ],
    [
      "an auxiliary",
      [
        ["Rosa", "Did you pass the exam?"],
        ["Emil", "I didn't."],
      ],
      `Emil, asked "Did Emil pass the exam?", said: Emil didn't.`,
    ],
    [
      "an auxiliary, and more",
      [
        ["Rosa", "Can you pick me up at the harbour?"],
        ["Emil", "Sorry, I can't. My car is broken and the mechanic is away."],
      ],
      `Emil, asked "Can Emil pick Rosa up at the harbour?", said: Emil can't. Emil's car is broken and the mechanic is away.`,
    ],
    [
      "no to what only the asked one knows",
      [
        ["Rosa", "You're vegetarian, aren't you?"],
        ["Emil", "No."],
      ],
      'Emil, asked "Emil is vegetarian?", said no.',
    ],
    [
      "what looks like an order",
      [
        ["Rosa", "What do you do for exercise?"],
        ["Emil", "Go to the pool."],
      ],
      'Emil, asked "What does Emil do for exercise?", said: go to the pool.',
    ],
    [
      "without its subject, of another",
      [
        ["Rosa", "Where does your brother live?"],
        ["Emil", "Moved to Oslo last year."],
      ],
      `Emil, asked "Where does Emil's brother live?", said: moved to Oslo in 2025.`,
    ],
    [
      "a day that comes back",
      [
        ["Rosa", "When is your birthday?"],
        ["Emil", "March 14."],
      ],
      `Emil, asked "When is Emil's birthday?", said: March 14.`,
    ],
    [
      "only no",
      [
        ["Rosa", "Have you ever been to Japan?"],
        ["Emil", "No."],
      ],
      'Emil, asked "Has Emil ever been to Japan?", said no.',
    ],
    [
      "a question of small words",
      [
        ["Rosa", "What do you do for fun?"],
        ["Emil", "Hi Rosa! Mostly pottery."],
      ],
      'Emil, asked "What does Emil do for fun?", said: mostly pottery.',
    ],
  ])("%s", async (_, lines, written) => {
    expect(await statementsOf(...lines)).toEqual([written]);
  });
});
