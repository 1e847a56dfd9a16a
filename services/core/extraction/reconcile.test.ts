import { describe, expect, it } from "vitest";
import { contentOf } from "./content-testing.ts";
import { type Proposal, reconcile, saysTheSame } from "./reconcile.ts";

function proposal(text: string, messageId: string, rest: Partial<Proposal> = {}): Proposal {
  const content = contentOf(text, messageId);
  return { messageId, content, verbatim: false, exact: undefined, neighbours: [], ...rest };
}

describe("reconcile", () => {
  it("adds what is new", () => {
    const decisions = reconcile([proposal("Ada rows.", "m1"), proposal("Ada sings.", "m2")]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "add"]);
  });

  it("confirms what is known word for word, or nearly", () => {
    const decisions = reconcile([
      proposal("Ada rows.", "m1", { exact: { type: "memory", memoryId: "a" } }),
      proposal("Ada has moved to Lisbon.", "m2", {
        neighbours: [{ memoryId: "b", version: 1, cosine: 0.97, text: "Ada moved to Lisbon" }],
      }),
    ]);
    expect(decisions).toMatchObject([
      { outcome: "noop", memoryId: "a" },
      { outcome: "noop", memoryId: "b" },
    ]);
  });

  it("keeps apart what lies close but says something else", () => {
    const near = (text: string) => ({ memoryId: "b", version: 1, cosine: 0.99, text });
    const decisions = reconcile([
      proposal("Ada moved in 2022.", "m1", { neighbours: [near("Ada moved in 2021.")] }),
      proposal("Ada likes no mushrooms.", "m2", { neighbours: [near("Ada likes mushrooms.")] }),
    ]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "add"]);
  });

  it("merges what one batch says twice", () => {
    const decisions = reconcile([proposal("Ada rows.", "m1"), proposal("ada rows", "m2")]);
    expect(decisions[1]).toMatchObject({ outcome: "merge", into: decisions[0], source: { messageId: "m2" } });
  });

  it("stores what is given as finished unless the very same is there", () => {
    const decisions = reconcile([
      proposal("Ada has rowed on the lake.", "m1"),
      proposal("Ada rowed on the lake.", "m2", { verbatim: true }),
      proposal("ada rowed on the LAKE", "m3", { verbatim: true }),
      proposal("Ada has rowed on the lake", "m4"),
    ]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "add", "merge", "merge"]);
    expect(decisions[2]).toMatchObject({ into: decisions[1] });
  });

  it("lets the deleted rest, and says so", () => {
    const decisions = reconcile([proposal("Ada rows.", "m1", { exact: { type: "tombstone" } })]);
    expect(decisions).toEqual([{ outcome: "drop", messageId: "m1" }]);
  });
});

describe("saysTheSame", () => {
  it.each([
    ["Ada lives in Porto.", "ada lives in porto", true],
    ["Ada lives in Porto.", "Ada lives in Lisbon.", false],
    ["The rent is 900 euros", "The rent is 950 euros", false],
    ["She is not vegan", "She is vegan", false],
    ["Max moved from Rome to Paris.", "Max moved from Paris to Rome.", false],
    ["Max prefers tea over coffee.", "Max prefers coffee over tea.", false],
    ["Max lent Paul 300 euros.", "Paul lent Max 300 euros.", false],
    ["Max had to pay 300 euros to Paul.", "Max didn't pay 300 euros to Paul.", false],
    ["It was -5 degrees in Oslo", "It was 5 degrees in Oslo", false],
    ["The password is Blue-Fox-Tango", "The password is Tango-Fox-Blue", false],
    ["Ada has really moved to the coast.", "Ada moved to the coast", true],
    ["", "", true],
  ])("%j and %j: %s", (a, b, same) => {
    expect(saysTheSame(a, b)).toBe(same);
    expect(saysTheSame(b, a)).toBe(same);
  });
});
