import { describe, expect, test } from "vitest";
import { tenseAt } from "./tense.ts";

/** Of the time in brackets. */
function tense(marked: string, question?: string) {
  return tenseAt(marked.replace(/[[\]]/g, ""), marked.indexOf("["), question);
}

describe("tenseAt", () => {
  test.each([
    "I graduate [in February]",
    "The show opens [in March]",
    "the test comes back [on Tuesday]",
    "My contract runs out [in May]",
    "Our flight lands [on the 3rd]",
    "Leo's play is [on Friday]",
    "The wedding is [in May]",
    "There is a concert [on the 20th]",
    "I have an exam [in May]",
    "I am running a marathon [in March]",
    "She told me he leaves [in May]",
    "I could go to Malta [in June]",
    "I may go to Malta [in June]",
    "We booked a cabin [from 3 to 10 August]",
    "My boss approved my leave [from 18 to 29 May]",
    "I was ill and my boss approved my leave [from 18 to 29 May]",
    "I signed up for a course from [September]",
    "We reserved a furnished flat from [June]",
    "They agreed to let me work at home from [June]",
    "We should repaint the fence [in April]",
    "I have to renew my passport [in March]",
    "I want to run a marathon [in March]",
    "We can't go [in May]",
    "I'm excited about the trip [in March]",
    "Flying to Rome [in June]",
    "Come over [in June]",
    "I was tired and [in March] I leave",
    "[In May] I have surgery",
    "My dad, who retired last year, moves to Spain [in May]",
  ])("ahead: %s", (text) => expect(tense(text)).toBe("future"));

  test.each([
    "I graduated [in February]",
    "I couldn't sleep [on Friday]",
    "He's moved out [in May]",
    "I have been to Rome [in March]",
    "I would have gone to Malta [in June]",
    "The parcel should have come [on Monday]",
    "I may have met him [in May]",
    "We got married [in June]",
    "[In May] I had surgery",
    "The book came out [in March], and the film comes out in May",
    "I came on Friday, and [on Sunday] I left",
    "I'm 35, my birthday was [on Monday]",
    "Tom said he'd call [on Sunday] but he didn't",
    "My visa was approved and I worked from [March]",
    "My leave was approved and I was away [from March to April]",
    "The doctor confirmed that I was ill from [March]",
    "The doctor confirmed I was ill [from 3 to 5 April]",
    "I planned the trip and lived there from [January]",
    "I booked the flat we lived in from [January]",
  ])("behind: %s", (text) => expect(tense(text)).toBe("past"));

  test.each([
    "I usually swim [on Friday]",
    "I used to swim [on Friday]",
    "I always visit her [in June]",
    "We go to Malta [in June] every year",
    "I was supposed to fly [on Monday]",
    "I get paid [on the 5th]",
    "[December] is my favourite month",
  ])("no one time: %s", (text) => expect(tense(text)).toBe("habit"));

  test.each(["The show was planned [from March to April]", "My leave was approved from [May]"])(
    "told by what is near: %s",
    (text) => expect(tense(text)).toBe("unsaid"),
  );

  test.each([
    "I love Rome [in May]",
    "It rains here [in April]",
    "Rome is lovely [in May]",
    "I have hay fever [in May]",
  ])("not told by the calendar: %s", (text) => expect(tense(text)).toBe("present"));

  test.each([
    ["No, [in January]", "Emil starts in September 2026", "future"],
    ["[In March]", "When does Emil move", "future"],
    ["[In March]", "When is the wedding", "future"],
    ["[In March]", "When did Emil move", "past"],
    ["A girl, Ida, [on Saturday]", "Did Sara have the baby", "past"],
    ["[In March]", "Did Emil and others break up", "past"],
    ["I meant [Saturday]", "When is the party", "future"],
    ["[On Saturday], with Tom", "Has she left", "past"],
    ["I leave [on Saturday]", "When did Emil arrive", "future"],
    ["[In May]", "Does Emil usually go away", "habit"],
  ])("an answer without a verb has its question's: %s (%s)", (text, question, expected) =>
    expect(tense(text, question)).toBe(expected),
  );
});
