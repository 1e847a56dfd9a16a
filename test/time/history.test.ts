import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type IngestEngines, openIngestEngines, openPersonsWorld, saying } from "./world.ts";

const day = (text: string) => new Date(`${text}T12:00:00Z`);
const ROME = "Ada lives in Rome.";
const OSLO = "Ada lives in Oslo.";
const today = () =>
  new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  }).format();

describe("a memory's history", () => {
  let engines: IngestEngines;
  beforeAll(async () => {
    engines = await openIngestEngines();
  });
  afterAll(() => engines?.[Symbol.asyncDispose]());

  /** Told in May, said again, moved in June, corrected by hand. */
  const openMoved = async () => {
    const world = await openPersonsWorld(engines);
    const said: string[] = [];
    await world.tell("I live in Rome.", day("2026-05-03"), (_, messageId) => {
      said.push(messageId);
      return [
        { outcome: "add", messageId, rule: "new", content: saying(ROME, messageId, day("2026-05-03")) },
      ];
    });
    const rome = (await world.list())[0]?.id ?? "";
    await world.tell("Rome is home.", day("2026-05-20"), (_, messageId) => {
      said.push(messageId);
      const source = { messageId, start: 0, end: 13 };
      return [
        { outcome: "noop", messageId, memoryId: rome, source, expiresAt: undefined, rule: "near_duplicate" },
      ];
    });
    await world.tell("I moved to Oslo!", day("2026-06-09"), (_, messageId) => {
      said.push(messageId);
      const content = saying(OSLO, messageId, day("2026-06-09"));
      return [
        { outcome: "supersede", messageId, ended: [{ memoryId: rome }], rule: "slot:lives_in", content },
      ];
    });
    const oslo = (await world.list())[0]?.id ?? "";
    await world.change(oslo, { validFrom: day("2026-06-01"), importance: 0.9 });
    return { world, rome, oslo, said };
  };

  it("tells what happened, when, from which message and by which rule, from either end", async () => {
    const { world, rome, oslo, said } = await openMoved();
    const history = await world.history(rome);
    expect(
      history.entries.map(({ event, memoryId, version, rule, sources, changed }) => {
        return [event, memoryId, version, rule, sources.map(({ messageId }) => messageId), changed];
      }),
    ).toEqual([
      ["told", rome, 1, "new", [said[0]], []],
      ["said_again", rome, 1, undefined, [said[1]], []],
      ["ended", rome, 2, "slot:lives_in", [said[2]], ["valid_to"]],
      ["told", oslo, 1, "slot:lives_in", [said[2]], []],
      ["by_hand", oslo, 2, undefined, [], ["importance", "valid_from"]],
    ]);
    expect(history.entries[2]).toMatchObject({ replacedBy: oslo, validTo: day("2026-06-09") });
    expect(history.entries[3]).toMatchObject({ replaces: [rome], validFrom: day("2026-06-09") });
    const times = history.entries.map(({ recordedAt }) => recordedAt.getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(await world.history(oslo)).toEqual(history);
  });

  it("reads as a story", async () => {
    const { world, rome } = await openMoved();
    const { story, truncated } = await world.history(rome);
    expect(truncated).toBe(false);
    expect(story.split("\n")).toEqual([
      `On 3 May 2026 the user said “I live in Rome.”: “${ROME}”. [test 1: add by new]`,
      "On 20 May 2026 the user said “Rome is home.” again. [test 1: noop]",
      `On ${today()} “${ROME}” ended, replaced by “${OSLO}” because the user said “I moved to Oslo!”; it was so until 9 June 2026. [test 1: supersede by slot:lives_in]`,
      `On 9 June 2026 the user said “I moved to Oslo!”: “${OSLO}”. [test 1: supersede by slot:lives_in, replacing ${rome}]`,
      `On ${today()} it was changed by hand (importance from 0.5 to 0.9, so since 1 June 2026).`,
    ]);
  });

  it("names neither what was deleted nor another tenant's", async () => {
    const { world, rome, oslo } = await openMoved();
    await world.tell("Forget Rome.", day("2026-07-01"), (_, messageId) => [
      { outcome: "delete", messageId, memoryId: rome, rule: "forget" },
    ]);
    const { entries, story } = await world.history(oslo);
    expect(entries.map(({ event, replaces }) => [event, replaces])).toEqual([
      ["told", []],
      ["by_hand", []],
    ]);
    expect(story).not.toContain("Rome");
    await expect(world.history(rome)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
    const other = await openPersonsWorld(engines);
    await expect(other.history(oslo)).rejects.toMatchObject({ reason: "MEMORY_NOT_FOUND" });
  });
});
