import type { Memory } from "@mneme/core/memory/memory.ts";
import type { MemoryTimes } from "@mneme/core/memory/times.ts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type IngestEngines,
  openIngestEngines,
  openPersonsWorld,
  type PersonsWorld,
  saying,
} from "./world.ts";

const day = (text: string) => new Date(`${text}T12:00:00Z`);
const ROME = "Ada lives in Rome.";
const OSLO = "Ada lives in Oslo.";

let engines: IngestEngines;
beforeAll(async () => {
  engines = await openIngestEngines();
});
afterAll(() => engines?.[Symbol.asyncDispose]());

/** The three ways to ask, each with the texts that it answers, sorted. */
function waysOf(world: PersonsWorld, all: readonly Memory[]) {
  const ids = all.map(({ id }) => id);
  const texts = (memories: readonly Memory[]) => memories.map(({ text }) => text).sort();
  return {
    search: async (times: MemoryTimes) =>
      texts((await world.search("Where does Ada live?", times)).hits.map(({ memory }) => memory)),
    list: async (times: MemoryTimes) => texts(await world.list(times)),
    get: async (times: MemoryTimes) => texts(await world.get(ids, times)),
  };
}

describe("moved in March, told in May, corrected in June", () => {
  let world: PersonsWorld;
  let homes: { rome: Memory; oslo: Memory };
  const known: Record<"before" | "told" | "corrected", Date> = {
    before: new Date(),
    told: new Date(),
    corrected: new Date(),
  };

  beforeAll(async () => {
    world = await openPersonsWorld(engines);
    const [rome] = await world.import([{ text: ROME, validFrom: day("2024-01-01") }]);
    if (!rome) throw new Error("nothing was imported");
    known.before = rome.recordedFrom;
    await world.tell("I live in Oslo now", day("2026-05-10"), (_, messageId) => [
      {
        outcome: "supersede",
        messageId,
        ended: [{ memoryId: rome.id }],
        rule: "slot:lives_in",
        content: saying(OSLO, messageId, day("2026-05-10")),
      },
    ]);
    const oslo = (await world.list()).find(({ text }) => text === OSLO);
    if (!oslo) throw new Error("nothing was told");
    known.told = oslo.recordedFrom;
    homes = { rome, oslo };
    await world.change(rome.id, { validTo: day("2026-03-15") });
    known.corrected = (await world.change(oslo.id, { validFrom: day("2026-03-15") })).recordedFrom;
  });

  const FEBRUARY = day("2026-02-01");
  const APRIL = day("2026-04-01");
  const JUNE = day("2026-06-20");

  it.each(["search", "list", "get"] as const)("%s answers each corner of the square", async (way) => {
    const ask = waysOf(world, [homes.rome, homes.oslo])[way];
    const { before, told, corrected } = known;
    expect({
      "in February, as known in May": await ask({ asOf: FEBRUARY, knownAt: told }),
      "in February, as known in June": await ask({ asOf: FEBRUARY, knownAt: corrected }),
      "in April, as known in May": await ask({ asOf: APRIL, knownAt: told }),
      "in April, as known in June": await ask({ asOf: APRIL, knownAt: corrected }),
      "in April, as known now": await ask({ asOf: APRIL }),
      "in June, as known now": await ask({ asOf: JUNE }),
      "in June, before it was told": await ask({ asOf: JUNE, knownAt: before }),
      "before anything was so": await ask({ asOf: day("2020-01-01") }),
      "before anything was known": await ask({ asOf: APRIL, knownAt: new Date(before.getTime() - 1) }),
    }).toEqual({
      "in February, as known in May": [ROME],
      "in February, as known in June": [ROME],
      "in April, as known in May": [ROME],
      "in April, as known in June": [OSLO],
      "in April, as known now": [OSLO],
      "in June, as known now": [OSLO],
      "in June, before it was told": [ROME],
      "before anything was so": [],
      "before anything was known": [],
    });
  });

  it("tells nothing that was not known then: neither an end, nor what replaced it", async () => {
    const at = async (knownAt: Date) => (await world.get([homes.rome.id], { knownAt }))[0];
    expect(await at(known.before)).toMatchObject({ validTo: undefined, replacedBy: undefined });
    expect(await at(known.told)).toMatchObject({ validTo: day("2026-05-10"), replacedBy: homes.oslo.id });
    expect(await at(known.corrected)).toMatchObject({
      validTo: day("2026-03-15"),
      replacedBy: homes.oslo.id,
    });
  });

  it("lists what had ended by then where it is asked for", async () => {
    const { told } = known;
    expect((await world.list({ knownAt: told })).map(({ text }) => text)).toEqual([OSLO]);
    const all = await world.list({ knownAt: told, showSuperseded: true });
    expect(all.map(({ text }) => text).sort()).toEqual([OSLO, ROME]);
  });

  it("shows nothing at any time once it is deleted", async () => {
    const doomed = await openPersonsWorld(engines);
    const [boat] = await doomed.import([{ text: "Ada owns a boat.", validFrom: day("2024-01-01") }]);
    await doomed.tell("Forget the boat", day("2026-05-10"), (_, messageId) => [
      { outcome: "delete", messageId, memoryId: boat?.id ?? "", rule: "forget" },
    ]);
    const times = { asOf: APRIL, knownAt: boat?.recordedFrom };
    for (const ask of Object.values(waysOf(doomed, boat ? [boat] : []))) expect(await ask(times)).toEqual([]);
  });

  it("does not rest at an earlier time on what was said again later", async () => {
    const person = await openPersonsWorld(engines);
    const [sings] = await person.import([{ text: "Ada sings." }]);
    const memoryId = sings?.id ?? "";
    await person.tell("I sing, you know", day("2026-05-10"), (_, messageId) => [
      {
        outcome: "noop",
        messageId,
        memoryId,
        source: { messageId, start: 0, end: 6 },
        expiresAt: undefined,
        rule: "known",
      },
    ]);
    const then = { knownAt: sings?.recordedFrom };
    expect((await person.get([memoryId]))[0]?.sources).toHaveLength(2);
    expect((await person.get([memoryId], then))[0]?.sources).toHaveLength(1);
    expect((await person.list(then))[0]?.sources).toHaveLength(1);
    const { hits } = await person.search("Who sings?", then);
    expect(hits[0]?.memory.sources).toHaveLength(1);
  });
});

describe("any history", () => {
  const WORDS = "amber birch cedar daisy ember fjord grape hazel".split(" ");
  const LAST = 40;
  const dayOf = (n: number) => new Date(Date.UTC(2026, 0, 1 + n));
  const interval = fc
    .tuple(fc.integer({ min: 0, max: LAST }), fc.option(fc.integer({ min: 1, max: LAST })))
    .map(([from, length]) => ({
      validFrom: dayOf(from),
      validTo: length === null ? undefined : dayOf(from + length),
    }));
  const histories = fc.array(fc.array(interval, { minLength: 1, maxLength: 3 }), {
    minLength: WORDS.length,
    maxLength: WORDS.length,
  });

  /** The rule itself, over all versions of a memory. */
  const holdsAt = (versions: readonly Memory[], { asOf, knownAt }: MemoryTimes) =>
    versions.some(
      ({ validFrom, validTo, recordedFrom, recordedTo }) =>
        (knownAt
          ? recordedFrom <= knownAt && (!recordedTo || recordedTo > knownAt)
          : recordedTo === undefined) &&
        (!asOf || (validFrom <= asOf && (!validTo || validTo > asOf))),
    );

  it("answers alike by search, list and get, and as its versions say", async () => {
    await fc.assert(
      fc.asyncProperty(
        histories,
        fc.array(fc.nat({ max: 2 * LAST }), { maxLength: 4 }),
        async (all, days) => {
          const world = await openPersonsWorld(engines);
          const memories = await world.import(
            all.map(([first], i) => ({ text: `Ada planted ${WORDS[i]}.`, ...first })),
          );
          for (const [i, [, ...later]] of all.entries()) {
            for (const times of later) await world.change(memories[i]?.id ?? "", times);
          }
          const histories = await Promise.all(memories.map(({ id }) => world.versions(id)));
          const moments = histories.flat().map(({ recordedFrom }) => recordedFrom);
          const ways = waysOf(world, memories);
          // A day, the moment between two: where an interval begins and ends, and within it.
          for (const asOf of days.flatMap((n) => [dayOf(n), new Date(dayOf(n).getTime() - 1)])) {
            for (const knownAt of [undefined, moments[0], moments.at(-1)]) {
              const times = { asOf, knownAt };
              const expected = histories.flatMap((versions) =>
                holdsAt(versions, times) ? [versions[0]?.text ?? ""] : [],
              );
              for (const ask of Object.values(ways)) expect(await ask(times)).toEqual(expected.sort());
            }
          }
        },
      ),
      { numRuns: 4 },
    );
  });
});
