import { describe, expect, test } from "vitest";
import type { Turn } from "../../extractor.ts";
import { createEmbeddedExtractor } from "../extractor.ts";

const extractor = createEmbeddedExtractor();

/** What Ana's turn behind one of Ben's becomes. */
async function told(text: string): Promise<string[]> {
  const turn = (name: string, said: string, i: number): Turn => ({
    messageId: `m${i}`,
    sessionId: "s",
    role: "user",
    name,
    text: said,
    sentAt: new Date("2026-05-06T10:00:00Z"),
  });
  const turns = [turn("Ben", "Hi Ana!", 0), turn("Ana", text, 1)];
  const { statements } = await extractor.extract({ turns, context: [], summary: "", nearest: [] });
  return statements.map((statement) => statement.text);
}

describe("whose it is", () => {
  test.each([
    [
      "My uncle Igor and his wife came; Igor's son and his dog too, and my aunt.",
      "Ana's uncle Igor and his wife came; Igor's son and his dog too, and Ana's aunt.",
    ],
    [
      "Otto borrowed my van and he owes me a new tyre.",
      "Otto borrowed Ana's van and he owes Ana a new tyre.",
    ],
    ["I lead a team. Otto reports to me.", "Ana leads a team. Otto reports to Ana."],
    ["I asked the bank to close my account.", "Ana asked the bank to close Ana's account."],
    [
      "I met a plumber and he broke my sink. I sold my boat.",
      "Ana met a plumber and he broke Ana's sink. Ana sold Ana's boat.",
    ],
    ["I saw you lose your hat.", "Ana saw Ben lose Ben's hat."],
    [
      "Your sister told me that you sold your flute.",
      "Ana said: Ben's sister told Ana that Ben sold Ben's flute.",
    ],
    ["Our landlord kept our deposit.", "Ana's landlord kept Ana's deposit."],
    ["Rose and her son visited us.", "Rose and her son visited Ana and others."],
    ["Otto's dog bit mine.", "Otto's dog bit Ana's."],
    ["Will said he hates my job.", "Will said he hates Ana's job."],
    ["Don't forget your hat.", "Ana told Ben not to forget Ben's hat."],
    [
      "My phone and Otto cost me a day; he and myself tried.",
      "Ana's phone and Otto cost Ana a day; he and Ana tried.",
    ],
  ])("where another is named nobody is them or their: %s", async (said, written) => {
    expect(await told(said)).toEqual([written]);
  });

  test.each([
    ["I sold my canoe and bought myself a kayak.", "Ana sold their canoe and bought themself a kayak."],
    ["I work as a nurse and love my job.", "Ana works as a nurse and loves their job."],
    ["We fixed our roof ourselves.", "Ana and others fixed their roof themselves."],
    ["Let's paint our fences.", "Ana suggested that Ana and Ben paint their fences."],
  ])("where nobody else is, their means whom the sentence names: %s", async (said, written) => {
    expect(await told(said)).toEqual([written]);
  });
});

describe("who we are", () => {
  test.each([
    [
      "I went to Oslo with my cousin. At work we opened a lab.",
      "Ana went to Oslo with their cousin. At work Ana and others opened a lab.",
    ],
    [
      "I and my cousin run a bar. Ours is small.",
      "Ana and their cousin run a bar. Ana and their cousin's is small.",
    ],
    [
      "My husband, my kids and I rented a boat. Our kids steered it.",
      "Ana's husband, Ana's kids and Ana rented a boat. Ana's kids steered it.",
    ],
    ["You both hurt me.", "Ana said: Ben and others both hurt Ana."],
    ["Let us know when you arrive.", "Ana told Ben to let Ana and others know when Ben arrives."],
    ["Ivo left, and his wife and I work there.", "Ivo left, and his wife and Ana work there."],
    ["Ivo and I sang. We won.", "Ivo and Ana sang. Ana and Ivo won."],
    ["We should meet my landlord.", "Ana and others should meet Ana's landlord."],
    ["My husband was poor when we met.", "Ana's husband was poor when Ana and others met."],
    ["My aunt died since we last talked.", "Ana's aunt died since Ana and Ben last talked."],
    ["I invited both of you to dinner.", "Ana invited both of Ben and others to dinner."],
  ])("%s", async (said, written) => {
    expect(await told(said)).toEqual([written]);
  });

  test.each([
    ["You never know what your neighbours do.", "Ana said: one never knows what one's neighbours do."],
    ["You have to be 18 to vote.", "Ana said: one has to be 18 to vote."],
    ["In Graz you can swim in the river.", "Ana said: in Graz one can swim in the river."],
    ["I know a park where you can rest.", "Ana knows a park where one can rest."],
    [
      "My doctor told me you can't drink with these pills.",
      "Ana's doctor told Ana one can't drink with these pills.",
    ],
    ["The recipe says that you need three eggs.", "Ana said: the recipe says that one needs three eggs."],
    ["They say you shouldn't swim after eating.", "Ana said: they say one shouldn't swim after eating."],
    [
      "You can't eat before surgery, my doctor said.",
      "Ana said: one can't eat before surgery, Ana's doctor said.",
    ],
    ["My company lets you work from abroad.", "Ana's company lets one work from abroad."],
    ["With this ticket you can ride all day.", "Ana said: with this ticket one can ride all day."],
  ])("you are anyone: %s", async (said, written) => {
    expect(await told(said)).toEqual([written]);
  });

  test.each([
    ["My mom told me you moved to Rome.", "Ana's mom told Ana Ben moved to Rome."],
    ["My doctor says you can visit me on Friday.", "Ana's doctor says Ben can visit Ana on 8 May 2026."],
    ["Your doctor told me you can't drink.", "Ana said: Ben's doctor told Ana Ben can't drink."],
    ["In your garden you can grow figs.", "Ana said: in Ben's garden Ben can grow figs."],
  ])("you are the other: %s", async (said, written) => {
    expect(await told(said)).toEqual([written]);
  });

  test.each([
    ["You two should try the soup.", "Ana said: Ben and others should try the soup."],
    ["I saw your photo of you two dancing.", "Ana saw Ben and others' photo of Ben and others dancing."],
    ["You all obviously broke my vase.", "Ana said: Ben and others obviously broke Ana's vase."],
    ["I made you guys a lasagna.", "Ana made Ben and others a lasagna."],
    ["I'll cook for you all on Saturday.", "Ana will cook for Ben and others on 9 May 2026."],
    ["Don't forget your hats, you guys!", "Ana told Ben and others not to forget Ben and others' hats."],
    ["You two broke my vase.", "Ana said: Ben and others broke Ana's vase."],
    ["You guys hurt yourselves in Rome.", "Ana said: Ben and others hurt themselves in Rome."],
    ["Are y'all coming to my party?", "Ana asked Ben and others: are Ben and others coming to Ana's party?"],
    ["Let's meet in Graz, you two!", "Ana suggested that Ana, Ben and others meet in Graz."],
  ])("you are more than one: %s", async (said, written) => {
    expect(await told(said)).toEqual([written]);
  });

  test.each([
    ["I saw you all evening.", "Ana saw Ben all evening."],
    ["I saw you two weeks ago.", "Ana saw Ben around 22 April 2026."],
    ["I sent you two building plans.", "Ana sent Ben two building plans."],
    ["I sent you two emails about the roof.", "Ana sent Ben two emails about the roof."],
    ["I'll tell you all about my trip.", "Ana will tell Ben all about Ana's trip."],
  ])("you are one: %s", async (said, written) => {
    expect(await told(said)).toEqual([written]);
  });
});
