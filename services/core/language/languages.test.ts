import { describe, expect, test } from "vitest";
import { isLanguageTag, languageOf } from "./languages.ts";
import { asksAnything, countWords, holdsTime } from "./read-text.ts";

describe("a language", () => {
  test("is English unless told", () => {
    expect(languageOf()).toBe(languageOf("en"));
  });

  test.each([
    ["de", "de", true],
    ["ja", "cjk", false],
    ["ko", "cjk", true],
    ["fi", "plain", true],
    ["th", "plain", false],
  ])("%s is analysed as %s", (tag, analysis, isSpaced) => {
    expect(languageOf(tag)).toMatchObject({ analysis, isSpaced });
  });

  test.each(["en", "de", "zh", "fil", "tr"])("has a tag: %s", (tag) => expect(isLanguageTag(tag)).toBe(true));
  test.each(["", "gr", "jp", "xx", "EN", "de-AT", "mul", "zxx", "deutsch"])("has none: %s", (tag) =>
    expect(isLanguageTag(tag)).toBe(false),
  );
});

describe("a text", () => {
  test.each([
    ["de", "Ich wohne in Graz.", 4],
    ["ja", "東京に住んでいます。", 5],
    ["ja", "iPhone 15 を買った", 4],
    ["th", "กรุงเทพ", 4],
  ])("of words: %s: %s", (tag, text, words) => {
    expect(countWords(text, languageOf(tag))).toBe(words);
  });

  test.each([
    ["de", "wo wohnst du", true],
    ["de", "Wie schön!", false],
    ["de", "Wer rastet, der rostet.", false],
    ["es", "¿Vienes?", true],
    ["es", "cómo te llamas", true],
    ["ja", "どこに住んでいますか。", true],
    ["ja", "住んでいます。", false],
    ["zh", "你喜欢猫吗", true],
    ["fi", "Missä asut?", true],
    ["ar", "أين تسكن؟", true],
    ["el", "Πού μένεις;", true],
    ["ru", "Он сказал;", false],
  ])("asks: %s: %s", (tag, text, asks) => {
    expect(asksAnything(text, languageOf(tag))).toBe(asks);
  });

  test.each([
    ["de", "Gestern war ich dort.", true],
    ["de", "Seit drei Jahren wohne ich hier.", true],
    ["de", "Ich mag Katzen.", false],
    ["es", "Vivo aquí desde hace tres años.", true],
    ["ja", "来週東京に行きます。", true],
    ["zh", "我喜欢猫。", false],
    ["fi", "Muutin 2019.", true],
    ["fi", "Muutin eilen.", false],
  ])("tells a time: %s: %s", (tag, text, tells) => {
    expect(holdsTime(text, languageOf(tag))).toBe(tells);
  });
});
