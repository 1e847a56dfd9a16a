import { expect, test } from "vitest";
import { statementsOf } from "../testing/conversation.ts";

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
    "Here's the letter they sent:\nDear Ms. Vidal,\nwe hire you. You start tomorrow.\nAlpine Rail",
    `Rosa said: here's the letter they sent. "Dear Ms. Vidal, we hire you. You start tomorrow. Alpine Rail".`,
  ],
])("word for word where another speaks or a name stands: %s", async (said, written) => {
  expect(await statementsOf(["Rosa", said])).toEqual([written]);
});
