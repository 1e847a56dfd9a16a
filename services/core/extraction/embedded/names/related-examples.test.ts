import { expect, test } from "vitest";
import { extract } from "../../testing/conversation.ts";
import { ownedThing } from "./possessions.ts";
import examples from "./related-examples.json" with { type: "json" };

interface Example {
  readonly said: string;
  /** What whoever hears it knows then. */
  readonly edges?: readonly string[];
  /** What is right as well. */
  readonly also?: readonly string[];
}

async function toldBy(who: "Rosa" | "user", said: string): Promise<string[]> {
  const { statements } = await extract([who, said]);
  return statements.flatMap(({ relations }) =>
    relations.map(({ source, type, target }) => `${source} > ${type} > ${target}`),
  );
}

/** Whose a thing is, is told with it. */
function withOwners(edges: readonly string[]): string[] {
  const ends = edges.flatMap((edge) => edge.split(" > "));
  const owned = ends.flatMap((end) => {
    const { owner } = ownedThing(end, undefined) ?? {};
    return owner ? [`${owner} > has > ${end}`] : [];
  });
  return [...edges, ...owned];
}

async function measure(who: "Rosa" | "user", written: readonly Example[]) {
  const named = (edges: readonly string[]) =>
    edges.map((edge) => (who === "user" ? edge.replaceAll("Rosa", "the user") : edge));
  const each = await Promise.all(
    written.map(async ({ said, edges = [], also = [] }) => {
      const told = await toldBy(who, said);
      const right = named(withOwners([...edges, ...also]));
      return {
        wanted: edges.length,
        found: named(edges).filter((edge) => told.includes(edge)).length,
        told: told.length,
        wrong: told.filter((edge) => !right.includes(edge)).map((edge) => `${said}: ${edge}`),
      };
    }),
  );
  const sum = (of: (one: (typeof each)[number]) => number) => each.reduce((total, one) => total + of(one), 0);
  const wrong = each.flatMap((one) => one.wrong);
  return {
    precision: 1 - wrong.length / sum(({ told }) => told),
    recall: sum(({ found }) => found) / sum(({ wanted }) => wanted),
    wrong,
  };
}

// The first were written before their rules. The later ones were written before these rules were tried on them, and found 51 of 78
// edges at first; 6 of 64 that were told were wrong.
test.each([
  ["the first", examples.written, 103 / 105],
  ["the later", examples.later, 77 / 78],
] as const)(
  "of %s written sentences nothing wrong is told, and hardly anything is missed",
  async (name, written, floor) => {
    const { precision, recall, wrong } = await measure("Rosa", written);
    process.stdout.write(
      `${name} ${written.length}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}\n`,
    );
    expect(wrong).toEqual([]);
    expect(recall).toBeGreaterThanOrEqual(floor);
  },
);

test("whoever has no name tells as much", async () => {
  const written: readonly Example[] = [...examples.written, ...examples.later];
  const [named, unnamed] = [await measure("Rosa", written), await measure("user", written)];
  expect(unnamed).toEqual(named);
});
