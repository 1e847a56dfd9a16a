import { describe, expect, test } from "vitest";
import { statementsOf } from "../testing/conversation.ts";
import { spokenLanguage, spokenLanguages } from "./spoken-language.ts";

describe("what a turn is told in", () => {
  test.each([
    ["de", "Ich wohne seit drei Jahren in Graz."],
    ["es", "Vivo en Sevilla con mi novia."],
    ["ja", "東京に住んでいます。"],
    ["zh", "我住在北京。"],
    ["ko", "저는 서울에 살아요."],
    ["th", "ฉันอยู่กรุงเทพ"],
    ["und", "Asun Helsingissä ja minulla on kissa nimeltä Misu."],
    ["und", "Kız kardeşim Ankara'da öğretmen olarak çalışıyor."],
    ["und", "Saya tinggal di Jakarta dan suka nasi goreng."],
    ["und", "Mieszkam w Krakowie i mam dwa koty."],
    ["und", "Мой брат живёт в Казани."],
    ["und", "أسكن في القاهرة."],
    ["en", "My abuela makes ropa vieja every Sunday."],
    ["en", "We had pho, banh mi and bun cha!"],
    ["en", "Bought two sourdough loaves yesterday."],
    ["en", "I live in Oslo."],
    ["en", "We moved to Porto."],
    ["en", "She likes sushi."],
    [undefined, "Tiramisu!"],
    [undefined, "Oslo."],
    [undefined, "Was war?"],
    ["und", "We waren in Gent."],
    ["und", "We wonen in Gent."],
    ["und", "I gatti dormono."],
    ["und", "He asuvat Oulussa."],
    ["und", "Mul on koer."],
    ["und", "I morgon åker jag till Lund."],
    ["und", "I fjor flyttet jeg til Bergen."],
    ["und", "I miei figli vivono a Roma."],
    ["und", "My kot nazywa się Filemon."],
    ["und", "My mieszkamy w Krakowie."],
    ["und", "J'habite à Lille."],
    ["en", "I love crème brûlée."],
    [undefined, "My fiancée is Swedish."],
    ["de", "Was ist los? Ich war in Rom."],
    ["es", "Me llamo Ana y vivo en Lima."],
    ["en", "I was in Malmö."],
  ])("%s: %s", (tag, text) => {
    expect(spokenLanguage(text)).toBe(tag);
  });

  test("goes on where a turn is too short to tell", () => {
    const texts = ["Hello Rosa!", "Asun Helsingissä ja minulla on kissa.", "Kiva!", "That is what I heard."];
    expect(spokenLanguages(texts)).toEqual(["en", "und", "und", "en"]);
  });
});

test("English of three words is read as English also behind another language", async () => {
  const written = await statementsOf(["Rosa", "Ich wohne in Köln."], ["Rosa", "I live in Oslo."]);
  expect(written).toEqual(["Rosa: Ich wohne in Köln.", "Rosa lives in Oslo."]);
});

test("English that stands between is read as English", async () => {
  const written = await statementsOf(
    ["Rosa", "Äitini leipoo joka sunnuntai pullaa koko perheelle."],
    ["Rosa", "I work as a nurse in Graz."],
  );
  expect(written).toEqual([
    "Rosa: Äitini leipoo joka sunnuntai pullaa koko perheelle.",
    "Rosa works as a nurse in Graz.",
  ]);
});
