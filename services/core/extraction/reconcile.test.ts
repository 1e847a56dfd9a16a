import { describe, expect, it } from "vitest";
import { readClaims } from "../claims/reading.ts";
import { contentOf } from "./content-testing.ts";
import type { KnownCandidate, Proposal } from "./proposal.ts";
import { reconcile, saysTheSame } from "./reconcile.ts";

function proposal(text: string, messageId: string, rest: Partial<Proposal> = {}): Proposal {
  const content = contentOf(text, messageId);
  const { expiresAt } = rest.content ?? content;
  const reading = readClaims((rest.content ?? content).statement.text, SELVES);
  const plain = {
    given: undefined,
    atLeast: expiresAt,
    exact: undefined,
    known: [],
    reading,
    teller: "self",
  };
  return { messageId, audience: "all", content, ...plain, ...rest };
}

const SELVES = new Set(["ada"]);

function known(text: string, rest: Partial<KnownCandidate> = {}): KnownCandidate {
  return {
    memoryId: "b",
    version: 1,
    isOver: false,
    text,
    kind: "semantic",
    speaker: "ada",
    role: "user",
    saidAt: new Date(0),
    validFrom: new Date(0),
    validTo: undefined,
    expiresAt: undefined,
    metadata: {},
    entities: [],
    confidence: 0.9,
    importance: 0.5,
    vector: new Float32Array([1, 0]),
    embeddingModel: "any",
    cosine: 0.97,
    reading: readClaims(text, SELVES),
    teller: "self",
    ...rest,
  };
}

const EVER = { validFrom: undefined, validTo: undefined };
const day = (year: number) => new Date(Date.UTC(year, 0, 1));

describe("reconcile", () => {
  it("adds what is new", () => {
    const decisions = reconcile([proposal("Ada rows.", "m1"), proposal("Ada sings.", "m2")]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "add"]);
  });

  it("confirms what is known word for word, or nearly", () => {
    const decisions = reconcile([
      proposal("Ada rows.", "m1", { exact: { type: "memory", memoryId: "a", version: 1 } }),
      proposal("Ada has moved to Lisbon.", "m2", {
        known: [known("Ada moved to Lisbon")],
      }),
    ]);
    expect(decisions).toMatchObject([
      { outcome: "noop", memoryId: "a" },
      { outcome: "noop", memoryId: "b" },
    ]);
  });

  it("keeps apart what lies close but says something else", () => {
    const decisions = reconcile([
      proposal("Ada moved in 2022.", "m1", { known: [known("Ada moved in 2021.")] }),
      proposal("Ada likes no mushrooms.", "m2", { known: [known("Ada likes apples.")] }),
    ]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "add"]);
  });

  it("ends nothing by what happened long before that", () => {
    const ben = known("Ada is married to Ben.", { saidAt: day(2026), validFrom: day(2026), cosine: 0.7 });
    const married = (from: Date) => {
      const content = contentOf("Ada got married to Tom.", "m1");
      const statement = { ...content.statement, kind: "episodic", valid: { from, to: undefined } } as const;
      const features = { ...content.features, saidAt: day(2027) };
      const said = { content: { ...content, statement, features }, known: [ben] };
      return reconcile([proposal("", "m1", said)])[0]?.outcome;
    };
    expect([married(day(2012)), married(day(2027))]).toEqual(["add", "supersede"]);
  });

  it("ends nothing that was said later, however late a message arrives", () => {
    const told = (saidAt: Date) =>
      proposal("", "m1", {
        content: contentOf("Ada moved to Munich.", "m1", saidAt),
        known: [known("Ada lives in Berlin.", { saidAt: day(2024) })],
      });
    expect(reconcile([told(day(2025))])).toMatchObject([{ outcome: "supersede", rule: "slot:lives_in" }]);
    expect(reconcile([told(day(2023))])).toMatchObject([{ outcome: "add" }]);
  });

  it("ends what arrives late where something said later is known", () => {
    const late = (text: string, newer: string) =>
      reconcile([
        proposal("", "m1", {
          content: contentOf(text, "m1", day(2023)),
          known: [known(newer, { saidAt: day(2024), validFrom: day(2024) })],
        }),
      ]);
    const endedBy = { memoryId: "b", at: day(2024), rule: "slot:lives_in" };
    expect(late("Ada lives in Berlin.", "Ada lives in Munich.")).toMatchObject([{ outcome: "add", endedBy }]);
    expect(late("Ada drinks coffee.", "Ada doesn't drink coffee any more.")).toMatchObject([
      { outcome: "add", endedBy: { memoryId: "b", rule: "negation" } },
    ]);
    expect(late("Ada lives in Berlin.", "Ada's sister lives in Munich.")[0]).not.toHaveProperty("endedBy");
  });

  it("takes what was a mistake for what was never so", () => {
    const told = (text: string) =>
      reconcile([
        proposal("", "m1", {
          content: contentOf(text, "m1", day(2025)),
          known: [known("Ada lives in Rome.", { saidAt: day(2024), validFrom: day(2024) })],
        }),
      ]);
    const valid = { from: day(2024) };
    expect(told("Sorry, my mistake: Ada lives in Oslo.")).toMatchObject([
      { outcome: "supersede", wasWrong: true, content: { statement: { valid } } },
    ]);
    expect(told("Ada lives in Oslo now.")[0]).not.toHaveProperty("wasWrong");
  });

  describe("what was said last", () => {
    const TEA = known("Ada drinks tea.");
    const OSLO = proposal("Ada moved to Oslo.", "m1");

    it("is what the last message told, known before or not", () => {
      const tea = proposal("Ada drinks tea.", "m2", { exact: { type: "memory", memoryId: "b", version: 1 } });
      const asked = reconcile([OSLO, tea, proposal("Forget that.", "m3")]);
      expect(asked.at(-1)).toEqual({ outcome: "delete", messageId: "m3", memoryId: "b", rule: "forget" });
      expect(asked.filter(({ outcome }) => outcome === "forget")).toEqual([]);
    });

    it("is all that the message told, and of the message that asks the sentence before", () => {
      const both = [OSLO, proposal("Ada has a parrot.", "m1")];
      const next = reconcile([...both, proposal("Forget that.", "m2")]);
      expect(next.slice(2).map(({ outcome }) => outcome)).toEqual(["forget", "forget"]);
      const same = reconcile([...both, proposal("Forget that.", "m1")]);
      expect(same.slice(2)).toMatchObject([{ outcome: "forget", added: same[1] }]);
    });

    it("is nothing that only lies near the words that ask", () => {
      const asked = (one: KnownCandidate) =>
        reconcile([proposal("Forget what I just said.", "m1", { known: [one] })])[0]?.outcome;
      expect(asked(TEA)).toBe("drop");
      expect(asked({ ...TEA, isLast: true })).toBe("delete");
    });

    it("is found in the batch where a model knows of nothing", () => {
      const asks = proposal("Forget that.", "m2");
      const verdicts = new Map([
        [asks, { outcome: "forget", known: [], merged: undefined, rule: "model:m/1" } as const],
      ]);
      expect(reconcile([OSLO, asks], verdicts)[1]).toMatchObject({ outcome: "forget" });
    });
  });

  it("compares what a model decided with what the same batch tells", () => {
    const [paris, oslo] = [proposal("Ada lives in Paris.", "m1"), proposal("Ada lives in Oslo now.", "m2")];
    const add = { outcome: "add", known: [], merged: undefined, rule: "model:m/1" } as const;
    const decisions = reconcile(
      [paris, oslo],
      new Map([
        [paris, add],
        [oslo, add],
      ]),
    );
    expect(decisions[1]).toMatchObject({
      outcome: "supersede",
      ended: [{ added: decisions[0] }],
      rule: "model:m/1",
    });
  });

  it("tells more closely only what is to be known as long", () => {
    const told = (until: Date | undefined, expiresAt: Date | undefined, atLeast = until) =>
      reconcile([
        proposal("Ada lives in Berlin with her dog Rex.", "m1", {
          content: {
            ...contentOf("Ada lives in Berlin with her dog Rex.", "m1", day(2026)),
            expiresAt: until,
          },
          atLeast,
          known: [
            known("Ada lives in Berlin.", {
              cosine: 0.8,
              expiresAt,
              saidAt: day(2025),
              validFrom: day(2025),
            }),
          ],
        }),
      ])[0]?.outcome;
    expect(told(undefined, undefined)).toBe("update");
    expect(told(undefined, day(2027))).toBe("add");
    expect(told(day(2027), undefined)).toBe("add");
    expect(told(day(2028), day(2027))).toBe("add");
    // By a project's rule it lasts longer once it is said again.
    expect(told(day(2028), day(2027), day(2026))).toBe("update");
  });

  it("merges what one batch says twice", () => {
    const decisions = reconcile([proposal("Ada rows.", "m1"), proposal("ada rows", "m2")]);
    expect(decisions[1]).toMatchObject({ outcome: "merge", into: decisions[0], source: { messageId: "m2" } });
  });

  it("keeps apart what one batch tells two audiences", () => {
    const decisions = reconcile([
      proposal("Ada rows.", "m1"),
      proposal("Ada rows.", "m2", { audience: "coach" }),
    ]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "add"]);
  });

  it("stores what is given as finished unless the very same is there", () => {
    const decisions = reconcile([
      proposal("Ada has rowed on the lake.", "m1"),
      proposal("Ada rowed on the lake.", "m2", { given: EVER }),
      proposal("ada rowed on the LAKE", "m3", { given: EVER }),
      proposal("Ada has rowed on the lake", "m4"),
    ]);
    expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "add", "merge", "merge"]);
    expect(decisions[2]).toMatchObject({ into: decisions[1] });
  });

  it("takes the same statement for another time as another", () => {
    const of = (messageId: string, validFrom: Date | undefined, validTo: Date | undefined) => {
      const content = contentOf("Ada lives in Porto.", messageId);
      const valid = { from: validFrom ?? new Date(0), to: validTo };
      const statement = { ...content.statement, valid };
      return proposal("", messageId, { content: { ...content, statement }, given: { validFrom, validTo } });
    };
    const decisions = reconcile([
      of("m1", day(2010), day(2012)),
      of("m2", day(2018), day(2020)),
      of("m3", day(2018), day(2020)),
      of("m4", undefined, day(2012)),
      proposal("Ada lives in Porto.", "m5", { content: contentOf("Ada lives in Porto.", "m5", day(2025)) }),
      proposal("Ada lives in Porto.", "m6", { content: contentOf("Ada lives in Porto.", "m6", day(2019)) }),
    ]);
    const places = decisions.map((one) =>
      one.outcome === "merge" ? decisions.indexOf(one.into) : one.outcome,
    );
    expect(places).toEqual(["add", "add", 1, 0, "add", 1]);
  });

  it("adds anew what would expire with what is known", () => {
    const until = (messageId: string, expiresAt: Date | undefined) =>
      proposal("", messageId, {
        content: { ...contentOf("Ada rows", messageId), expiresAt },
        known: [known("Ada rows.", { expiresAt: day(2027) })],
      });
    expect(reconcile([until("m1", undefined)])).toMatchObject([{ outcome: "add" }]);
    expect(reconcile([until("m1", day(2026))])).toMatchObject([{ outcome: "noop" }]);
    const inOne = reconcile([until("m1", day(2030)), until("m2", undefined), until("m3", day(2029))]);
    expect(inOne.map(({ outcome }) => outcome)).toEqual(["add", "add", "merge"]);
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

  describe("what is done again and again", () => {
    const at = (text: string, messageId: string, when: string) => {
      const content = contentOf(text, messageId);
      const features = { ...content.features, saidAt: new Date(when) };
      const statement = { ...content.statement, kind: "episodic" as const };
      return proposal(text, messageId, { content: { ...content, features, statement } });
    };

    it("has happened once more where the same words are told another day", () => {
      const words = "Ada went swimming.";
      const told = ["2026-02-03T09:00:00Z", "2026-02-03T20:00:00Z", "2026-02-17T09:00:00Z"];
      const decisions = reconcile(told.map((when, i) => at(words, `m${i}`, when)));
      expect(decisions.map(({ outcome }) => outcome)).toEqual(["add", "merge", "add"]);
      const before = known(words, { kind: "episodic", saidAt: new Date("2026-02-03T09:00:00Z") });
      const since = { ...at(words, "m9", "2026-02-17T09:00:00Z"), known: [before] };
      expect(reconcile([since])).toMatchObject([{ outcome: "add" }]);
    });

    it.each(["Ada grew up in Ohio.", "Ada's mother died.", "Ada went to Oslo on 3 May 2025."])(
      "%s is the same, whenever it is told",
      (words) => {
        const before = known(words, { kind: "episodic", saidAt: new Date("2026-02-03T09:00:00Z") });
        const since = { ...at(words, "m9", "2026-02-17T09:00:00Z"), known: [before] };
        expect(reconcile([since])).toMatchObject([{ outcome: "noop" }]);
      },
    );
  });
});
