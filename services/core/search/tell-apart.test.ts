import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { Layer, Scope } from "../tenancy/scope.ts";
import type { SearchHit } from "./search-request.ts";
import { memoryOf } from "./search-testing.ts";
import { tellApart } from "./tell-apart.ts";

const SAID = new Date("2026-03-01T10:00:00Z");
const PLACES: Readonly<Record<string, Scope>> = {
  team: { userId: "somebody", teamId: "sales" },
  project: { sharedWith: "project" },
  user: { userId: "ada" },
};

function hit(id: string, layer: Layer | undefined, teller: string, text: string, scope?: Scope): SearchHit {
  const sources = [
    { messageId: `m-${id}`, start: 0, end: 1, role: "user" as const, name: teller, text: "", sentAt: SAID },
  ];
  return {
    memory: memoryOf(id, text, { scope: scope ?? PLACES[layer ?? "user"] ?? {}, sources }),
    layer,
    score: 1,
    parts: {} as SearchHit["parts"],
    tokens: 5,
  };
}
const marks = (hits: readonly SearchHit[]) =>
  hits.map(({ memory, disputedBy = [], overriddenBy }) => [memory.id, [...disputedBy].sort(), overriddenBy]);

describe("two members of a team", () => {
  it.each([
    ["The launch is on 3 May.", "The launch is on 5 May."],
    ["The office is in Berlin.", "The office is in Munich."],
    ["We use Postgres.", "We don't use Postgres."],
    ["Ana and others launch on 3 May 2026.", "Ben and others launch on 9 May 2026."],
    ["The client prefers email.", "The client prefers phone calls."],
    ["The budget of the offsite is 8,000 euros.", "The budget of the offsite is 6,500 euros."],
  ])("dispute each other's %j and %j, which both stay", (a, b) => {
    const told = tellApart([hit("a", "team", "Ana", a), hit("b", "team", "Ben", b)]);
    expect(marks(told)).toEqual([
      ["a", ["b"], undefined],
      ["b", ["a"], undefined],
    ]);
  });

  it.each([
    ["The launch is on 3 May.", "The party is on 5 May."],
    ["Ana lives in Bergen.", "Ben lives in Atlanta."],
    ["The user lives in Bergen.", "The user lives in Atlanta."],
    ["Ana likes tea.", "Ben likes coffee."],
    ["Ana prefers tea.", "Ben prefers coffee."],
    ["Ana and others met on 3 May 2026.", "Ben and others met on 9 May 2026."],
    ["Ana and others launch Tern on 3 May 2026.", "Ben and others launch Gull on 9 May 2026."],
    ["The launch is on 3 May.", "The launch is on 3 May, not 5 May."],
  ])("may both say %j and %j", (a, b) => {
    const told = tellApart([
      hit("a", "team", "Ana", a, { userId: "ana", teamId: "sales" }),
      hit("b", "team", "Ben", b, { userId: "ben", teamId: "sales" }),
    ]);
    expect(marks(told)).toEqual([
      ["a", [], undefined],
      ["b", [], undefined],
    ]);
  });

  it("are not one who says it otherwise, nor members of two teams", () => {
    const [may3, may5] = ["The launch is on 3 May.", "The launch is on 5 May."] as const;
    const one = [hit("a", "team", "Ana", may3), hit("b", "team", "Ana", may5)];
    const two = [hit("a", "team", "Ana", may3), hit("b", "team", "Ben", may5, { teamId: "support" })];
    for (const hits of [one, two]) expect(tellApart(hits)).toBe(hits);
  });

  it("are marked without layers too", () => {
    const hits = [
      hit("a", undefined, "Ana", "The launch is on 3 May.", { teamId: "sales" }),
      hit("b", undefined, "Ben", "The launch is on 5 May.", { teamId: "sales" }),
    ];
    expect(marks(tellApart(hits))).toEqual([
      ["a", ["b"], undefined],
      ["b", ["a"], undefined],
    ]);
  });
});

describe("two layers", () => {
  it("that tell one attribute's value otherwise: the nearer one comes first, the farther one is marked", () => {
    const told = tellApart([
      hit("project", "project", "Boss", "The office is in Berlin."),
      hit("other", "user", "Ada", "Ada likes tea."),
      hit("own", "user", "Ada", "The office is in Munich."),
    ]);
    expect(marks(told)).toEqual([
      ["own", [], undefined],
      ["other", [], undefined],
      ["project", [], "own"],
    ]);
  });

  it("of three names the nearest", () => {
    const told = tellApart([
      hit("project", "project", "Boss", "The office is in Berlin."),
      hit("team", "team", "Ben", "The office is in Hamburg."),
      hit("own", "user", "Ada", "The office is in Munich."),
    ]);
    expect(marks(told)).toEqual([
      ["own", [], undefined],
      ["team", [], "own"],
      ["project", [], "own"],
    ]);
  });

  it("that say nothing of one attribute stay in their order", () => {
    const hits = [
      hit("project", "project", "Boss", "The office is in Berlin."),
      hit("own", "user", "Ada", "Ada likes Munich."),
    ];
    expect(tellApart(hits)).toBe(hits);
  });
});

test("nothing is lost or told twice, and a nearer one stands before what it overrides", () => {
  const cities = ["Berlin", "Munich", "Oslo"];
  const any = fc.record({
    layer: fc.constantFrom<Layer>("user", "team", "project"),
    teller: fc.constantFrom("Ana", "Ben"),
    city: fc.constantFrom(...cities),
    thing: fc.constantFrom("office", "party"),
  });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), (all) => {
      const hits = all.map(({ layer, teller, city, thing }, i) =>
        hit(`${i}`, layer, teller, `The ${thing} is in ${city}.`),
      );
      const told = tellApart(hits);
      const ids = told.map(({ memory }) => memory.id);
      expect([...ids].sort()).toEqual(hits.map(({ memory }) => memory.id).sort());
      for (const { memory, overriddenBy } of told) {
        if (overriddenBy !== undefined)
          expect(ids.indexOf(overriddenBy)).toBeLessThan(ids.indexOf(memory.id));
      }
    }),
  );
});
