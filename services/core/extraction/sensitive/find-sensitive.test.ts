import fc from "fast-check";
import { describe, expect, test } from "vitest";
import everydayHealth from "./everyday-health.json" with { type: "json" };
import examples from "./examples.json" with { type: "json" };
import { sensitiveKindOf, withoutSensitive } from "./find-sensitive.ts";
import { SENSITIVE_KINDS, type SensitiveKind } from "./sensitive-kind.ts";

/** What written examples say of one kind's rules. */
function measure(kind: SensitiveKind) {
  const { hits, nearMisses } = examples[kind];
  const isFound = (text: string) => sensitiveKindOf(text, [kind]) === kind;
  const missed = hits.filter((text) => !isFound(text));
  const wrong = nearMisses.filter(isFound);
  const found = hits.length - missed.length;
  return {
    kind,
    hits: hits.length,
    nearMisses: nearMisses.length,
    precision: found / Math.max(1, found + wrong.length),
    recall: found / hits.length,
    missed,
    wrong,
  };
}

describe("what is sensitive", () => {
  const measured = SENSITIVE_KINDS.map(measure);

  test("is found in the written examples, and nothing else is", () => {
    const rows = measured.map(({ kind, hits, nearMisses, precision, recall }) =>
      [kind.padEnd(14), hits, nearMisses, precision.toFixed(3), recall.toFixed(3)].join("\t"),
    );
    process.stdout.write(`${["kind\t\thits\tnear\tprec.\trecall", ...rows].join("\n")}\n`);
    expect(measured.flatMap(({ missed }) => missed)).toEqual([]);
    expect(measured.flatMap(({ wrong }) => wrong)).toEqual([]);
  });

  test("is found where health is told of in everyday words, in the first and the third person", () => {
    const isFound = (text: string) => sensitiveKindOf(text, ["health"]) === "health";
    const inThird = (text: string) => text.replace(/^I /, "The user ").replace(/^My /, "The user's ");
    const both = (texts: readonly string[]) => texts.flatMap((text) => [text, inThird(text)]);
    expect(both(everydayHealth.hits).filter((text) => !isFound(text))).toEqual([]);
    expect(both(everydayHealth.nearMisses).filter(isFound)).toEqual([]);
  });

  test("is not looked for where nobody asks", () => {
    for (const text of Object.values(examples).flatMap(({ hits }) => hits))
      expect(sensitiveKindOf(text, [])).toBeUndefined();
  });
});

describe("a text without what is sensitive", () => {
  const all = Object.values(examples).flatMap(({ hits, nearMisses }) => [...hits, ...nearMisses]);
  const texts = fc.array(fc.constantFrom(...all), { maxLength: 6 }).map((some) => some.join(" "));
  const kinds = fc.subarray([...SENSITIVE_KINDS]);

  test("holds none of it, is as long as before, and says the rest where it stood", () => {
    fc.assert(
      fc.property(texts, kinds, (text, wanted) => {
        const left = withoutSensitive(text, wanted);
        expect(left).toHaveLength(text.length);
        expect(sensitiveKindOf(left, wanted)).toBeUndefined();
        for (let i = 0; i < text.length; i += 1) expect([text[i], " "]).toContain(left[i]);
      }),
    );
  });

  test("keeps the sentences beside it", () => {
    const left = withoutSensitive("I have asthma. I have two dogs called Rex and Bello.", ["health"]);
    expect(left.trim()).toBe("I have two dogs called Rex and Bello.");
  });

  test("takes no time that grows with the square of its length", () => {
    const long = "a 4 b-4 password is ".repeat(20_000);
    const begun = performance.now();
    withoutSensitive(long, SENSITIVE_KINDS);
    expect(performance.now() - begun).toBeLessThan(10_000);
  });
});
