import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { languageOf } from "../language/languages.ts";
import { countWords } from "../language/read-text.ts";
import { isQuestion, statementFeatures, turnFeatures, type WindowTurn, windowText } from "./turn-features.ts";

const say = (text: string, sessionId = "s", name: string | undefined = "Ada"): WindowTurn => ({
  sessionId,
  name,
  role: "user",
  text,
  sentAt: new Date("2026-05-06T10:00:00Z"),
});
const long = "word ".repeat(60).trim();

describe("windowText", () => {
  test("reaches two turns back and one ahead", () => {
    const turns = ["a", "b", "c", "d", "e"].map((text) => say(text));
    expect(windowText(turns, 2)).toBe("a\nb\nc\nd");
    expect(windowText(turns, 0)).toBe("a\nb");
    expect(windowText(turns, 4)).toBe("c\nd\ne");
  });

  test("stays inside its session", () => {
    expect(windowText([say("a", "x"), say("b", "y"), say("c", "x")], 1)).toBe("b");
  });

  test("goes no further than a pause of an hour, named session or not", () => {
    const at = (text: string, time: string) => ({ ...say(text), sentAt: new Date(`2026-05-${time}:00Z`) });
    const turns = [at("a", "06T10:00"), at("b", "06T10:59"), at("c", "07T09:00"), at("d", "07T09:01")];
    expect(turns.map((_, i) => windowText(turns, i))).toEqual(["a\nb", "a\nb", "c\nd", "c\nd"]);
  });

  test("a long turn stands alone, and joins no neighbour", () => {
    const turns = [say("a"), say(long), say("c")];
    expect(windowText(turns, 1)).toBe(long);
    expect(windowText(turns, 0)).toBe("a");
    expect(windowText(turns, 2)).toBe("a\nc");
  });

  test("a turn joins another's window exactly by reach, session and length", () => {
    const text = fc.constantFrom("short one", "a b c", long, `${long} more`, "x");
    const turn = fc.record({ text, session: fc.constantFrom("p", "q") });
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 12 }), fc.nat(), (list, pick) => {
        const turns = list.map(({ text, session }, i) => say(`${text} #${i}`, session));
        const centre = pick % turns.length;
        const window = windowText(turns, centre).split("\n");
        const expected = turns
          .filter((turn, i) => {
            if (i === centre) return true;
            const near = i >= centre - 2 && i <= centre + 1;
            const words = (text = "") => countWords(text, languageOf());
            const short = words(turn.text) < 60 && words(turns[centre]?.text) < 60;
            return near && short && turn.sessionId === turns[centre]?.sessionId;
          })
          .map((turn) => turn.text);
        expect(window).toEqual(expected);
      }),
    );
  });
});

describe("turnFeatures", () => {
  test("lower-cases the speaker and sees questions and times", () => {
    const features = turnFeatures([say("Did you call her yesterday?", "s", "Ada Lovelace")], 0);
    expect(features).toEqual({
      window: "Did you call her yesterday?",
      speaker: "ada lovelace",
      isQuestion: true,
      hasTime: true,
    });
    expect(turnFeatures([say("I like tea.", "s", " ")], 0).speaker).toBeUndefined();
  });

  test("a long turn's statements have their own stretch, a short turn lends its window", () => {
    const text = `I flew to Rome yesterday. ${"word ".repeat(60)}Shall we go again?`;
    const turn = turnFeatures([say(text)], 0);
    const first = statementFeatures(turn, text, { start: 0, end: 25 });
    expect(first).toEqual({ ...turn, window: "I flew to Rome yesterday.", isQuestion: false, hasTime: true });
    const last = statementFeatures(turn, text, { start: text.length - 18, end: text.length });
    expect(last).toMatchObject({ window: "Shall we go again?", isQuestion: true, hasTime: false });
    const short = turnFeatures([say("Hi."), say("I flew to Rome.")], 1);
    expect(statementFeatures(short, "I flew to Rome.", { start: 2, end: 6 })).toEqual(short);
  });

  test("an image behind a question does not hide it, a long question is none", () => {
    expect(isQuestion("Is that yours? [image: a red bike]")).toBe(true);
    expect(isQuestion('Have you read "Who goes there?"')).toBe(true);
    expect(isQuestion(`${"word ".repeat(25)}?`)).toBe(false);
    expect(isQuestion("Really? I doubt it.")).toBe(false);
  });
});
