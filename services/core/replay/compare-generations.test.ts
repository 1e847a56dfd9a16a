import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ComparedMemory, compareGenerations } from "./compare-generations.ts";

const said = new Date("2026-03-01T10:00:00Z");

function memory(id: string, text: string, more: Partial<ComparedMemory> = {}): ComparedMemory {
  return {
    id,
    audience: "a",
    text,
    kind: "semantic",
    category: "home",
    confidence: 0.9,
    importance: 0.5,
    origin: "stated",
    validFrom: said,
    validTo: undefined,
    vector: new Float32Array([1, 0]),
    embeddingModel: "m",
    messageIds: ["1"],
    ...more,
  };
}

/** Unit vectors this far apart, by cosine to [1, 0]. */
const at = (cosine: number) => new Float32Array([cosine, Math.sqrt(1 - cosine * cosine)]);

describe("two generations", () => {
  it("pair the same words whatever else differs, and tell what does", () => {
    const live = memory("l", "Ada lives in Oslo.");
    const shadow = memory("s", "ada lives in Oslo", {
      category: "travel",
      confidence: 0.8,
      importance: 0.52,
      validTo: new Date("2026-05-01T00:00:00Z"),
      messageIds: ["2"],
      vector: at(0),
    });
    const { pairs, added, removed } = compareGenerations([live], [shadow]);
    expect(pairs.map(({ fields }) => fields)).toEqual([["category", "confidence", "valid_to"]]);
    expect([added, removed]).toEqual([[], []]);
  });

  it("pair other words of the same message where they are near in meaning", () => {
    const live = memory("l", "Ada lives in Oslo.");
    const near = memory("s1", "Ada's home is Oslo.", { vector: at(0.7) });
    const nearer = memory("s2", "Oslo is where Ada lives.", { vector: at(0.8) });
    const { pairs, added } = compareGenerations([live], [near, nearer]);
    expect(pairs.map(({ shadow, fields }) => [shadow.id, fields])).toEqual([["s2", ["text"]]]);
    expect(added).toEqual([near]);
  });

  it("pair what another message says only where it means the same", () => {
    const live = memory("l", "Ada lives in Oslo.");
    const other = (cosine: number) =>
      memory("s", "Ada's home is Oslo.", { vector: at(cosine), messageIds: ["2"] });
    expect(compareGenerations([live], [other(0.89)]).pairs).toEqual([]);
    expect(compareGenerations([live], [other(0.91)]).pairs).toHaveLength(1);
  });

  it("never pair what is told to two audiences, nor vectors of two models", () => {
    const live = memory("l", "Ada lives in Oslo.");
    expect(compareGenerations([live], [memory("s", live.text, { audience: "b" })]).pairs).toEqual([]);
    const ofOther = memory("s", "Ada's home is Oslo.", { embeddingModel: "n" });
    expect(compareGenerations([live], [ofOther]).pairs).toEqual([]);
  });

  it("pair of the same words those that were so at the same time", () => {
    const ended = new Date("2026-04-01T00:00:00Z");
    const live = [memory("l1", "Ada lives in Oslo.", { validTo: ended }), memory("l2", "Ada lives in Oslo.")];
    const shadow = [
      memory("s1", "Ada lives in Oslo."),
      memory("s2", "Ada lives in Oslo.", { validTo: ended }),
    ];
    const { pairs } = compareGenerations(live, shadow);
    expect(pairs.map((pair) => [pair.live.id, pair.shadow.id, pair.fields])).toEqual([
      ["l1", "s2", []],
      ["l2", "s1", []],
    ]);
  });
});

const TEXTS = ["Ada lives in Oslo.", "Ada has lived in Oslo.", "Ada sings.", "Bo rows.", "Bo rows"];
const some = fc.record({
  text: fc.constantFrom(...TEXTS),
  audience: fc.constantFrom("a", "b"),
  angle: fc.constantFrom(0, 0.3, 0.7, 1.2),
  messageIds: fc.uniqueArray(fc.constantFrom("1", "2", "3"), { minLength: 1 }),
  isEnded: fc.boolean(),
});
const generation = (prefix: string) =>
  fc.array(some, { maxLength: 8 }).map((all) =>
    all.map(({ text, angle, isEnded, ...more }, i) =>
      memory(`${prefix}${i}`, text, {
        ...more,
        vector: new Float32Array([Math.cos(angle), Math.sin(angle)]),
        validTo: isEnded ? new Date("2026-04-01T00:00:00Z") : undefined,
      }),
    ),
  );
const ids = (all: readonly ComparedMemory[]) => all.map(({ id }) => id).sort();

describe("any two generations", () => {
  it("have each memory once: in a pair, added or removed", () => {
    fc.assert(
      fc.property(generation("l"), generation("s"), (live, shadow) => {
        const { pairs, added, removed } = compareGenerations(live, shadow);
        expect(ids([...pairs.map((pair) => pair.live), ...removed])).toEqual(ids(live));
        expect(ids([...pairs.map((pair) => pair.shadow), ...added])).toEqual(ids(shadow));
      }),
    );
  });

  it("of more than may be compared are paired by meaning where they share a rare word", () => {
    const vector = at(1);
    const live = [memory("l1", "Ada keeps bees.", { vector })];
    const shadow = [
      memory("s1", "Imkerin ist sie.", { vector, messageIds: ["2"] }),
      memory("s2", "Bees are what Ada keeps.", { vector: at(0.95), messageIds: ["2"] }),
    ];
    const paired = (most?: number) =>
      compareGenerations(live, shadow, most).pairs.map((pair) => pair.shadow.id);
    expect(paired()).toEqual(["s1"]);
    expect(paired(0)).toEqual(["s2"]);
  });

  it.each([undefined, 0])("are compared the same from either side, and in any order: %s", (most) => {
    fc.assert(
      fc.property(generation("l"), generation("s"), (live, shadow) => {
        const there = compareGenerations(live, shadow, most);
        const back = compareGenerations(shadow.toReversed(), live.toReversed(), most);
        expect(ids(back.added)).toEqual(ids(there.removed));
        expect(ids(back.removed)).toEqual(ids(there.added));
        const pairsOf = (all: typeof there.pairs, isBack: boolean) =>
          all
            .map((pair) => (isBack ? [pair.shadow.id, pair.live.id] : [pair.live.id, pair.shadow.id]).join())
            .sort();
        expect(pairsOf(back.pairs, true)).toEqual(pairsOf(there.pairs, false));
      }),
    );
  });

  it("that are one and the same differ in nothing", () => {
    fc.assert(
      fc.property(generation("l"), (live) => {
        const shadow = live.map((one) => ({ ...one, id: one.id.replace("l", "s") }));
        const { pairs, added, removed } = compareGenerations(live, shadow);
        expect([added, removed, pairs.filter(({ fields }) => fields.length > 0)]).toEqual([[], [], []]);
      }),
    );
  });
});
