import { randomUUID } from "node:crypto";
import { languageOf } from "@mneme/core/language/languages.ts";
import { analyzeQuery } from "@mneme/core/search/analyze-query.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candidateQuery, memory, openPool, type Pool } from "./index-testing.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool?.[Symbol.asyncDispose]());

/** Writes texts in a language and says which of them a question's words find, best first. */
async function found(tag: string, texts: readonly string[], question: string, languages = [tag]) {
  const tenantId = randomUUID();
  await pool.index.write(texts.map((text) => memory({ tenantId, memoryId: text, text, language: tag })));
  await pool.index.refresh();
  const { keywords } = analyzeQuery(question, { participants: [], language: languageOf(tag) });
  const asked = candidateQuery(tenantId, { vector: undefined, keywords, languages });
  const { candidates } = await pool.index.candidates(asked);
  return candidates.toSorted((a, b) => b.bm25 - a.bm25).map(({ memoryId }) => memoryId);
}

describe("words are found in other forms", () => {
  it.each([
    ["de", "Meine Eltern haben zwei Häuser in Graz.", "Wer hat ein Haus?"],
    ["de", "Die Straße vor der Tür ist laut.", "Strasse"],
    ["de", "Meine Töchter spielen Geige.", "Was spielt die Tochter?"],
    ["de", "Frau Mueller wohnt unten.", "Wo wohnt Frau Müller?"],
    ["es", "Escribo canciones con mi hermana.", "¿Quién escribió la canción?"],
    ["es", "Mis niños juegan al ajedrez.", "¿A qué juega el niño?"],
    ["ja", "東京に住んでいます。", "東京のどこですか？"],
    ["ja", "私の猫はタマです。", "猫の名前は？"],
    ["ja", "ﾄﾖﾀの車を買いました。", "トヨタ"],
    ["zh", "我住在北京，养了一只猫。", "谁住在北京？"],
    ["zh", "他养猫。", "猫"],
    ["ko", "저는 서울에서 살아요.", "서울은 어때요?"],
    ["tr", "İstanbul’da yaşıyorum.", "ISTANBUL"],
    ["tr", "Istanbul güzel.", "İSTANBUL'da"],
    ["tr", "Kardeşim Iğdır'da öğretmen.", "iğdır"],
    ["fi", "Äiti leipoo pullaa.", "äiti"],
    ["fr", "J’ai vu l’océan à Nice.", "ocean"],
    ["th", "ฉันอาศัยอยู่ในกรุงเทพ", "กรุงเทพ"],
    ["ar", "أسكن في القاهرة.", "القاهرة"],
  ])("%s: %s", async (tag, text, question) => {
    const others = tag === "ja" ? ["犬が好きです。"] : ["Xyz abc."];
    expect(await found(tag, [...others, text], question)).toEqual([text]);
  });

  it("a letter and its accent apart are the letter with it", async () => {
    const apart = "Die Ära der Häuser.".normalize("NFD");
    expect(await found("de", [apart], "häuser")).toEqual([apart]);
    expect(await found("fi", ["Äiti nukkuu.".normalize("NFD")], "aiti")).toHaveLength(1);
  });
});

it("leaves out what carries no evidence in the language, question words among it", async () => {
  const texts = ["Wo ist das und was soll es?", "Graz liegt an der Mur."];
  expect(await found("de", texts, "Wo ist denn das Graz?")).toEqual([texts[1]]);
  expect(await found("ja", ["それは何ですか。", "京都が好きです。"], "京都は何ですか")).toEqual([
    "京都が好きです。",
  ]);
});

it("asks each analysis that a project's documents may have, and no other", async () => {
  const texts = ["Zwei Häuser stehen leer."];
  expect(await found("de", texts, "Haus", ["en"])).toEqual([]);
  expect(await found("de", texts, "Haus", ["en", "de"])).toEqual(texts);
});

it("weighs English words among English documents alone", async () => {
  const tenantId = randomUUID();
  const english = ["The museum opens at nine.", "The garden opens late."];
  const documents = english.map((text) => memory({ tenantId, memoryId: text, text }));
  const asked = candidateQuery(tenantId, { vector: undefined, keywords: "museum opens" });
  await pool.index.write(documents);
  await pool.index.refresh();
  const before = await pool.index.candidates(asked);
  const plain = Array.from({ length: 30 }, (_, i) => {
    return memory({ tenantId, memoryId: `museum ${i}`, text: `museum ${i} opens`, language: "fi" });
  });
  await pool.index.write(plain);
  await pool.index.refresh();
  expect((await pool.index.candidates(asked)).candidates).toEqual(before.candidates);
});
