import { describe, expect, test } from "vitest";
import { resolveDates } from "./dates.ts";
import type { Tense } from "./phrases.ts";

/** A Monday. */
const SAID = new Date("2023-05-08T13:56:00Z");

function dated(text: string, tense: Tense = "past") {
  return resolveDates(text, SAID, () => tense);
}

describe("resolveDates", () => {
  test.each([
    ["I went yesterday.", "I went on 7 May 2023."],
    ["We met last Friday", "We met on 5 May 2023"],
    ["He was born five years before me, in 1985.", "He was born five years before me, in 1985."],
    ["They come off in a week and a half.", "They come off in a week and a half."],
    ["it broke the day before yesterday", "it broke on 6 May 2023"],
    ["I left last night", "I left on the night of 7 May 2023"],
    ["I ran this morning", "I ran on the morning of 8 May 2023"],
    ["We hiked last weekend", "We hiked on the weekend of 6 May 2023"],
    ["They called last week", "They called in the week of 1 May 2023"],
    ["Last week was hard", "The week of 1 May 2023 was hard"],
    ["it broke two weeks ago", "it broke around 24 April 2023"],
    ["I moved three months ago", "I moved around February 2023"],
    ["We wed ten years ago", "We wed around 2013"],
    ["we left a few years ago", "we left a few years ago (around 2020)"],
    ["earlier this year", "earlier in 2023"],
    ["since last year", "since 2022"],
    ["We camped last summer", "We camped in summer 2022"],
    ["yesterday's game", "7 May 2023's game"],
    ["I moved on 3rd of March", "I moved on 3 March 2023"],
    ["In August I went", "In August 2022 I went"],
    ["I was born on 3 April 1990", "I was born on 3 April 1990"],
    ["I have lived here since 2016", "I have lived here since 2016"],
    ["she turned 18 last month", "she turned 18 in April 2023"],
    ["I came Friday, they left Saturday", "I came on 5 May 2023, they left on 6 May 2023"],
    ["I was ill this week", "I was ill in the week of 8 May 2023"],
    ["We wed last March", "We wed in March 2023"],
    ["We wed last August", "We wed in August 2022"],
    ["I ran in June last year", "I ran in June 2022"],
    ["I should have come on Sunday", "I should have come on 7 May 2023"],
    ["It was 5.2 in March, 4.8 in April", "It was 5.2 in March 2023, 4.8 in April 2023"],
    ["In April 12 guests came", "In April 2023 12 guests came"],
    ["In March, 4 guests came", "In March 2023, 4 guests came"],
    [
      "We left on 3 April and came back on the 20th",
      "We left on 3 April 2023 and came back on 20 April 2023",
    ],
    ["I meant Saturday, not Friday", "I meant 6 May 2023, not 5 May 2023"],
    ["I think that Friday works", "I think that 5 May 2023 works"],
    ["He swung by on Friday", "He swung by on 5 May 2023"],
    ["April flew by", "April 2023 flew by"],
    ["I think April flew by", "I think April 2023 flew by"],
    ["Last August dragged on", "August 2022 dragged on"],
    ["We loved April", "We loved April 2023"],
    ["Last Friday really sucked", "5 May 2023 really sucked"],
    ["Last week flew by so fast", "The week of 1 May 2023 flew by so fast"],
    ["Last month passed without rain", "April 2023 passed without rain"],
    ["Yesterday felt long", "7 May 2023 felt long"],
    ["Yesterday looked busy", "7 May 2023 looked busy"],
    ["Yesterday took forever", "7 May 2023 took forever"],
    ["Yesterday turned out great", "7 May 2023 turned out great"],
    ["Yesterday had its moments", "7 May 2023 had its moments"],
    ["Last year had no winter", "2022 had no winter"],
    ["Last Monday felt better", "1 May 2023 felt better"],
    ["Last year brought us a son", "2022 brought us a son"],
    ["Yesterday went to the gym", "On 7 May 2023 went to the gym"],
    ["Yesterday passed my exam", "On 7 May 2023 passed my exam"],
    ["Yesterday looked at a flat", "On 7 May 2023 looked at a flat"],
    ["Yesterday took my driving test", "On 7 May 2023 took my driving test"],
    ["Yesterday brought Ana to the airport", "On 7 May 2023 brought Ana to the airport"],
    ["Last month flew to Rome", "In April 2023 flew to Rome"],
    ["Yesterday flew by plane", "On 7 May 2023 flew by plane"],
    ["Yesterday had lunch with Ana", "On 7 May 2023 had lunch with Ana"],
    ["Yesterday was at the dentist", "On 7 May 2023 was at the dentist"],
    ["Yesterday felt sick", "On 7 May 2023 felt sick"],
    ["I quit on 4/15", "I quit on 15 April 2023"],
    ["I have been off sugar since 4/15", "I have been off sugar since 15 April 2023"],
    ["I came on Friday, and on Sunday I left", "I came on 5 May 2023, and on 7 May 2023 I left"],
  ])("%s", (text, expected) => expect(dated(text).text).toBe(expected));

  test.each([
    ["The race is on Saturday", "The race is on 13 May 2023"],
    ["See you next month", "See you in June 2023"],
    ["early next month", "early June 2023"],
    ["We fly on 3 July, back on the 20th", "We fly on 3 July 2023, back on 20 July 2023"],
    ["The report is due 5/22", "The report is due on 22 May 2023"],
    ["Our deadline is 5/22", "Our deadline is on 22 May 2023"],
    ["They moved it to 5/22", "They moved it to 22 May 2023"],
    ["I start in 3 days", "I start on 11 May 2023"],
    ["Friday at 5pm works", "Friday at 5pm (12 May 2023) works"],
    ["tomorrow is a holiday", "9 May 2023 is a holiday"],
    ["In March we fly", "In March 2024 we fly"],
    ["I retire six months from now", "I retire around November 2023"],
    ["Let us make tomorrow great", "Let us make 9 May 2023 great"],
    ["Wednesday works", "10 May 2023 works"],
    ["We wed next April", "We wed in April 2024"],
    ["Be there at 3 pm today", "Be there at 3 pm today (8 May 2023)"],
    ["My train leaves tomorrow morning at 6", "My train leaves tomorrow morning at 6 (9 May 2023)"],
    ["I have been ill since Saturday", "I have been ill since 6 May 2023"],
  ])("ahead: %s", (text, expected) =>
    expect(dated(text, "future").text.toLowerCase()).toBe(expected.toLowerCase()),
  );

  test.each([
    "I may go",
    "He sat on a chair",
    "for five years",
    "every Monday",
    "on Tuesday and Thursday mornings",
    "from Monday to Thursday",
    "right now",
    "two days later",
    "over the past year",
    "it was my last day",
    "We did it in twelve days",
    "at night",
    "my birthday is 5 June",
    "We wed next June",
    "Every other Sunday I swim",
    "I slept through Black Friday",
    "We met on Friday the 13th",
    "The exam is on 05/06",
    "Add 3/4 cup of sugar",
    "My Friday class is full",
    "We met that Friday in Graz",
    "One Friday I got lost",
    "It was a rainy Monday",
    "Oh great, another Monday",
    "It happened the same Friday",
    "I met her one cold January",
    "I rate it 5/5",
    "The soup got 4/25",
    "It is open 24/7",
    "The heating is on 24/7",
    "Add 3/16 inch",
    "The 5/20 deadline is hard",
    "Her date of birth is 29 November",
    "Monday gym, Tuesday piano, Wednesday off",
    "I see her Tuesday week",
    "I live at 12 May Street",
    "We meet on the first Monday of the month",
  ])("left alone: %s", (text) => expect(dated(text)).toEqual({ text, dates: [] }));

  test.each([
    ["It is cold this winter", "2026-01-15", "It is cold in winter 2025"],
    ["It was cold last winter", "2026-01-15", "It was cold in winter 2024"],
    ["It will be cold next winter", "2026-01-15", "It will be cold in winter 2026"],
    ["It is cold this winter", "2026-02-28", "It is cold in winter 2025"],
    ["It was cold last winter", "2026-03-01", "It was cold in winter 2025"],
    ["It is cold this winter", "2025-12-15", "It is cold in winter 2025"],
    ["It was cold last winter", "2025-12-15", "It was cold in winter 2024"],
  ])("a winter is named by the year it began in: %s, said on %s", (text, said, expected) => {
    expect(resolveDates(text, new Date(`${said}T10:00:00Z`), () => "past").text).toBe(expected);
  });

  test.each([
    ["I will fly on 5 May", "2023-05-30T10:00:00Z", "I will fly on 5 May 2024"],
    ["I will fly on 5 May", "2023-05-06T00:00:00Z", "I will fly on 5 May 2024"],
    ["I will fly on 5 May", "2023-05-05T10:00:00Z", "I will fly on 5 May 2023"],
    ["I will fly in May", "2023-05-30T10:00:00Z", "I will fly in May 2023"],
  ])("a day that has passed is next year's, a month lasts: %s, said on %s", (text, said, expected) => {
    expect(resolveDates(text, new Date(said), () => "future").text).toBe(expected);
  });

  test("what is scheduled for a day lies ahead", () => {
    expect(dated("I scheduled it for Wednesday").text).toBe("I scheduled it for 10 May 2023");
  });

  test("says of what grain a time is, and whether it lies ahead", () => {
    expect(dated("I went yesterday").dates).toEqual([
      { grain: "day", start: new Date("2023-05-07T00:00:00Z"), future: false },
    ]);
    expect(dated("We fly next month", "future").dates).toEqual([
      { grain: "month", start: new Date("2023-06-01T00:00:00Z"), future: true },
    ]);
    expect(dated("in 2019 we met").dates).toMatchObject([{ grain: "year" }]);
  });
});
