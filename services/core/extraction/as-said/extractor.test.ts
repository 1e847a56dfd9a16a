import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Statement } from "../extractor.ts";
import { type Line, SAID, turnsOf } from "../testing/conversation.ts";
import { createAsSaidExtractor } from "./extractor.ts";

async function read(tag: string, ...lines: readonly Line[]) {
  const turns = turnsOf(lines);
  const output = await createAsSaidExtractor(tag).extract({ turns, context: [], summary: "", nearest: [] });
  return { ...output, texts: output.statements.map(({ text }) => text) };
}

describe("a conversation in German", () => {
  const lines: Line[] = [
    ["Emil", "Hallo Rosa, wie geht's dir?"],
    ["Rosa", "Gut, danke! Ich habe gestern zwei Häuser in Graz besichtigt, z. B. eines am 12. August frei."],
    ["Emil", "Oh, cool!"],
    ["Emil", "Wohnst du noch bei deiner Schwester?"],
    ["Rosa", "Ja!"],
    ["Emil", "Wie heißt sie?"],
    ["Rosa", "Ida."],
    ["Rosa", "Meine Katze heißt Misu. Sie ist vor drei Jahren zu mir gekommen. Danke dir!"],
  ];

  test("is kept as it was said, with its days, and its small talk is not", async () => {
    const { texts, dropped } = await read("de", ...lines);
    expect(texts).toEqual([
      "Rosa: Ich habe gestern (2026-05-05) zwei Häuser in Graz besichtigt, z. B. eines am 12. August frei.",
      "Emil: Wohnst du noch bei deiner Schwester? – Rosa: Ja!",
      "Emil: Wie heißt sie? – Rosa: Ida.",
      "Rosa: Meine Katze heißt Misu. Sie ist vor drei Jahren (2023) zu mir gekommen.",
    ]);
    expect(dropped.map(({ messageId }) => messageId)).toEqual(["m0", "m2", "m3", "m5"]);
  });

  test("ties each statement to where it was said", async () => {
    const { statements } = await read("de", ...lines);
    const said = (at: number) =>
      statements[at]?.sources.map(({ messageId, start, end }) => {
        return lines[Number(messageId.slice(1))]?.[1].slice(start, end);
      });
    expect(said(1)).toEqual(["Ja!", "Wohnst du noch bei deiner Schwester?"]);
    expect(said(3)).toEqual(["Meine Katze heißt Misu. Sie ist vor drei Jahren zu mir gekommen."]);
    expect(statements[0]?.valid.from).toEqual(SAID);
    expect(statements[3]?.valid.from).toEqual(new Date("2023-01-01"));
  });

  test("of a user without a name stands for itself, and an assistant is called what it is", async () => {
    const { texts, statements } = await read(
      "de",
      ["user", "Ich bin gegen Nüsse allergisch. Was kann ich backen?"],
      ["assistant", "Probier einen Apfelkuchen mit Kürbiskernen."],
    );
    expect(texts).toEqual([
      "Ich bin gegen Nüsse allergisch. Was kann ich backen?",
      "Was kann ich backen? – Assistent: Probier einen Apfelkuchen mit Kürbiskernen.",
    ]);
    expect(statements.map(({ origin }) => origin)).toEqual(["stated", "inferred"]);
  });
});

test("a conversation in Spanish", async () => {
  const { texts } = await read(
    "es",
    ["Emil", "¡Hola! ¿Qué tal?"],
    ["Rosa", "Muy bien, gracias. Ayer compuse dos canciones. Pasado mañana toco en Sevilla."],
    ["Emil", "¡Qué guay! ¿Con quién vives ahora?"],
    ["Rosa", "Con mi novia Carmen."],
  );
  expect(texts).toEqual([
    "Rosa: Ayer (2026-05-05) compuse dos canciones. Pasado mañana (2026-05-08) toco en Sevilla.",
    "Emil: ¿Con quién vives ahora? – Rosa: Con mi novia Carmen.",
  ]);
});

test("a conversation in Japanese", async () => {
  const { texts } = await read(
    "ja",
    ["Emil", "こんにちは！"],
    ["Rosa", "先月東京に引っ越しました。猫が二匹います。ありがとうございます。"],
    ["Emil", "猫の名前は何ですか？"],
    ["Rosa", "タマとミケです。"],
  );
  expect(texts).toEqual([
    "Rosa: 先月(2026-04)東京に引っ越しました。猫が二匹います。",
    "Emil: 猫の名前は何ですか？ – Rosa: タマとミケです。",
  ]);
});

test("a conversation in Chinese", async () => {
  const { texts } = await read(
    "zh",
    ["Rosa", "你好！我去年搬到了北京。我对花生过敏。"],
    ["Emil", "太好了！"],
  );
  expect(texts).toEqual(["Rosa: 我去年(2025)搬到了北京。我对花生过敏。"]);
});

describe("a conversation in a language without rules", () => {
  const lines: Line[] = [
    ["Rosa", "Kiitos! Asun Helsingissä, ja minulla on kissa nimeltä Misu. Muutin tänne eilen."],
    ["Emil", "Missä sinä olet töissä?"],
    ["Rosa", "Olen töissä kirjastossa."],
  ];

  test("is kept word for word, and nothing of it guessed", async () => {
    const { texts, statements } = await read("fi", ...lines);
    expect(texts).toEqual([
      "Rosa: Kiitos! Asun Helsingissä, ja minulla on kissa nimeltä Misu. Muutin tänne eilen.",
      "Emil: Missä sinä olet töissä? – Rosa: Olen töissä kirjastossa.",
    ]);
    expect(statements.every(({ valid }) => valid.from?.getTime() === SAID.getTime())).toBe(true);
  });

  test("holds no English that nobody said", async () => {
    const { texts } = await read(
      "tr",
      ["assistant", "Merhaba! Ankara'da hava güzel."],
      ["user", "Kızım öğretmen oldu."],
    );
    expect(texts.at(-1)).toBe("Kızım öğretmen oldu.");
  });
});

describe("whatever is said", () => {
  const alphabet = fc.constantFrom(
    "家",
    "に",
    "ä",
    "ß",
    "a",
    " ",
    ".",
    "。",
    "?",
    "👩‍👩‍👧",
    "é",
    "𠮷",
    "\n",
    "น",
    "้",
  );
  const text = fc.array(alphabet, { minLength: 1, maxLength: 60 }).map((parts) => parts.join(""));
  const tag = fc.constantFrom("de", "es", "ja", "zh", "fi", "th");

  test("no character is cut, and every source lies in its turn", async () => {
    await fc.assert(
      fc.asyncProperty(tag, text, fc.integer({ min: 1, max: 60 }), async (language, piece, times) => {
        const said = piece.repeat(times);
        const { statements } = await read(language, ["Rosa", said]);
        for (const { text: written, sources } of statements) {
          expect(written.isWellFormed()).toBe(true);
          for (const { start, end } of sources) {
            expect(0 <= start && start < end && end <= said.length).toBe(true);
            expect(said.slice(start, end).isWellFormed()).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a text without an end is cut between words, and all of it is kept", async () => {
    const word = "Donaudampfschifffahrt";
    const said = Array.from({ length: 200 }, () => word).join(" ");
    const { texts } = await read("de", ["Rosa", said]);
    expect(texts.length).toBeGreaterThan(3);
    expect(texts.map((one) => one.replace("Rosa: ", "")).join(" ")).toBe(said);
  });

  test("words that belong together in one character stay so", async () => {
    const said = "𠮷e\u0301\u0323".normalize("NFC").repeat(900);
    const { statements } = await read("hi", ["Rosa", said]);
    const parts = statements.map(({ text: one }: Statement) => one.replace("Rosa: ", ""));
    expect(parts.length).toBeGreaterThan(2);
    expect(parts.join("")).toBe(said);
    const characters = new Set(
      parts.flatMap((part) => [...new Intl.Segmenter().segment(part)].map((one) => one.segment)),
    );
    expect(characters).toEqual(
      new Set([...new Intl.Segmenter().segment(said.slice(0, 20))].map((one) => one.segment)),
    );
  });
});
