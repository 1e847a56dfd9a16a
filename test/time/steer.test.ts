import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  byWords,
  type IngestEngines,
  openIngestEngines,
  openPersonsWorld,
  type PersonsWorld,
  saying,
} from "./world.ts";

const day = (text: string) => new Date(`${text}T12:00:00Z`);
const MOVED = day("2026-03-15");
const ROME = "Ada lives in Rome.";
const OSLO = "Ada lives in Oslo.";
const TRIPS = { cork: "Ada visited Cork.", lisbon: "Ada visited Lisbon.", kyoto: "Ada visited Kyoto." };

describe("the time that a query names", () => {
  let engines: IngestEngines;
  let world: PersonsWorld;
  let oslo: string;
  let wedding: string;
  beforeAll(async () => {
    engines = await openIngestEngines();
    world = await openPersonsWorld(byWords(engines));
    const [rome, pisa] = await world.import([
      { text: ROME, validFrom: day("2020-01-01") },
      { text: "Ada's wedding was in Pisa.", validFrom: day("2024-06-08"), kind: "episodic" },
      { text: TRIPS.cork, validFrom: day("2022-02-01"), kind: "episodic" },
      { text: TRIPS.lisbon, validFrom: day("2023-07-10"), kind: "episodic" },
      { text: TRIPS.kyoto, validFrom: day("2025-05-02"), kind: "episodic" },
    ]);
    await world.tell("I live in Oslo now", MOVED, (_, messageId) => [
      {
        outcome: "supersede",
        messageId,
        ended: [{ memoryId: rome?.id ?? "" }],
        rule: "slot:lives_in",
        content: saying(OSLO, messageId, MOVED),
      },
    ]);
    wedding = pisa?.id ?? "";
    oslo = (await world.list()).find(({ text }) => text === OSLO)?.id ?? "";
  });
  afterAll(() => engines?.[Symbol.asyncDispose]());

  const ask = async (...question: Parameters<PersonsWorld["search"]>) => {
    const { hits, time } = await world.search(...question);
    return { hits, time, texts: hits.map(({ memory }) => memory.text) };
  };

  it("is none in most queries: what has ended stays away", async () => {
    const { texts, time } = await ask("Where does Ada live?");
    expect(time).toBeUndefined();
    expect(texts[0]).toBe(OSLO);
    expect(texts).not.toContain(ROME);
  });

  it("is looked up where an event tells it, and shows what was so before with its interval", async () => {
    const { hits, time, texts } = await ask("Where did I live before I moved to Oslo?");
    expect(time).toMatchObject({
      kind: "event",
      span: { from: undefined, to: MOVED },
      anchorMemoryId: oslo,
      withEnded: true,
    });
    // The query names Oslo as well.
    expect(texts[0]).toBe(ROME);
    const rome = hits[texts.indexOf(ROME)];
    expect(rome?.memory).toMatchObject({ validTo: MOVED, replacedBy: oslo });
    expect(rome?.parts.terms.when).toBeCloseTo(0.35);
    expect(hits.find(({ memory }) => memory.id === oslo)?.parts.terms.when).toBe(0);
  });

  it("is over where a query asks for nothing but the past", async () => {
    const { hits, time, texts } = await ask("Where did I live before?");
    expect(time).toMatchObject({ kind: "past", span: { from: undefined, to: undefined }, withEnded: true });
    expect(texts.slice(0, 2)).toEqual([ROME, OSLO]);
    expect(hits[0]?.parts.terms.ended).toBeCloseTo(0.3);
  });

  it("lets in what has ended only as far as it was so then", async () => {
    expect((await ask("Where did I live in 2021?")).texts).toContain(ROME);
    expect((await ask("Where did I live in 2019?")).texts).not.toContain(ROME);
  });

  it("steers and leaves nothing out", async () => {
    const summer = await ask("Which city did I visit in the summer of 2023?");
    expect(summer.time).toMatchObject({ kind: "relative", span: { from: new Date("2023-06-01") } });
    expect(summer.texts[0]).toBe(TRIPS.lisbon);
    expect(summer.texts).toEqual(expect.arrayContaining([TRIPS.cork, TRIPS.kyoto, OSLO]));
    const range = await ask("Which city did I visit between March and August 2025?");
    expect(range.texts[0]).toBe(TRIPS.kyoto);
    const since = await ask("Which city have I visited since the wedding?");
    expect(since.time).toMatchObject({ kind: "event", anchorMemoryId: wedding });
    const when = Object.values(TRIPS).map((text) => since.hits[since.texts.indexOf(text)]?.parts.terms.when);
    // All were told since then; only one was since then.
    expect(when).toEqual([0.5, 0.5, 1].map((fit) => 0.35 * fit));
  });

  it("stays open where no memory tells of the event", async () => {
    const { time, texts } = await ask("Which city did I visit after the lunar eclipse?");
    expect(time).toMatchObject({ kind: "event", span: { from: undefined, to: undefined } });
    expect(time?.anchorMemoryId).toBeUndefined();
    expect(texts).not.toContain(ROME);
  });

  it("is counted from the caller's own time, which alone leaves out", async () => {
    const asOf = day("2024-01-10");
    const { time, texts } = await ask("Which city did I visit last summer?", { asOf });
    expect(time).toMatchObject({
      kind: "relative",
      span: { from: new Date("2023-06-01") },
      withEnded: false,
    });
    expect(texts[0]).toBe(TRIPS.lisbon);
    expect(texts.toSorted()).toEqual([ROME, TRIPS.cork, TRIPS.lisbon]);
  });

  it("shows nothing that was deleted", async () => {
    const person = await openPersonsWorld(engines);
    const [paris] = await person.import([{ text: "Ada lived in Paris.", validTo: day("2025-01-01") }]);
    const memoryId = paris?.id ?? "";
    expect((await person.search("Where did I live before?")).hits).toHaveLength(1);
    await person.tell("Forget Paris", MOVED, (_, messageId) => [
      { outcome: "delete", messageId, memoryId, rule: "forget" },
    ]);
    expect((await person.search("Where did I live before?")).hits).toEqual([]);
  });
});
