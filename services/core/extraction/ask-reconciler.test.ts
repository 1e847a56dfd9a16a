import { describe, expect, it } from "vitest";
import { readClaims } from "../claims/reading.ts";
import { MnemeError } from "../errors.ts";
import { askReconciler } from "./ask-reconciler.ts";
import { contentOf } from "./content-testing.ts";
import type { StreamBatch } from "./ingest-store.ts";
import type { KnownCandidate, Proposal } from "./proposal.ts";
import { reconcile } from "./reconcile.ts";
import type { ReconcileQuestion, Reconciler, Verdict } from "./reconciler.ts";

const SELVES = new Set(["ada"]);
const BATCH = {
  projectId: "p",
  pending: [],
  subject: { id: "s", epoch: 0 },
  participants: [{ name: "Ada", role: "user" }],
} as unknown as StreamBatch;
const embedder = {
  model: "any",
  dimension: 2,
  embed: async (texts: readonly string[]) => texts.map(() => new Float32Array([0, 1])),
};

function proposal(text: string, known: readonly KnownCandidate[], rest: Partial<Proposal> = {}): Proposal {
  return {
    messageId: "m",
    audience: "all",
    content: contentOf(text, "m", new Date("2026-05-10")),
    given: undefined,
    atLeast: undefined,
    exact: undefined,
    known,
    reading: readClaims(text, SELVES),
    teller: "self",
    ...rest,
  };
}

function known(memoryId: string, text: string, rest: Partial<KnownCandidate> = {}): KnownCandidate {
  return {
    memoryId,
    version: 1,
    isOver: false,
    text,
    kind: "semantic",
    speaker: "ada",
    role: "user",
    saidAt: new Date("2026-01-01"),
    validFrom: new Date("2026-01-01"),
    validTo: undefined,
    expiresAt: undefined,
    metadata: {},
    entities: [],
    confidence: 0.9,
    importance: 0.5,
    vector: new Float32Array([1, 0]),
    embeddingModel: "any",
    cosine: 0.6,
    reading: readClaims(text, SELVES),
    teller: "self",
    ...rest,
  };
}

/** A model that answers so, and what it is asked. */
function answering(answer: (question: ReconcileQuestion) => readonly (Verdict | undefined)[]) {
  const asked: ReconcileQuestion[] = [];
  const reconciler: Reconciler = {
    name: "strong",
    version: "1",
    concurrency: 1,
    reconcile: async (question) => {
      asked.push(question);
      return answer(question);
    },
  };
  return { asked, reconciler };
}

/** What becomes of a statement by what a model says. */
async function decide(one: Proposal, answer: Verdict | undefined | MnemeError, attempts = 0) {
  const { asked, reconciler } = answering(() => {
    if (answer instanceof MnemeError) throw answer;
    return [answer];
  });
  const verdicts = await askReconciler(
    { embedder },
    "t",
    reconciler,
    { ...BATCH, attempts },
    [one],
    undefined,
  );
  return { decisions: reconcile([one], verdicts), asked };
}

const BERLIN = known("b", "Ada lives in Berlin.");

describe("what a model decides", () => {
  it("is done, and kept with its name", async () => {
    const { decisions } = await decide(proposal("Ada's new address is in Munich.", [BERLIN]), {
      outcome: "supersede",
      known: [0],
    });
    expect(decisions).toMatchObject([
      { outcome: "supersede", ended: [{ memoryId: "b" }], rule: "model:strong/1" },
    ]);
  });

  it("is asked for only where something near is known", async () => {
    const far = known("f", "Ada owns a boat.", { cosine: 0.1 });
    const exact = { type: "memory", memoryId: "b", version: 1 } as const;
    for (const one of [
      proposal("Ada rows.", []),
      proposal("Ada rows.", [far]),
      proposal("Ada rows.", [BERLIN], { exact }),
    ]) {
      expect((await decide(one, { outcome: "ignore" })).asked).toEqual([]);
    }
  });

  it.each([
    ["Ada likes the zoo.", { outcome: "add", rule: "new" }],
    ["Forget that Ada lives in Berlin.", { outcome: "delete", memoryId: "b", rule: "model:strong/1" }],
  ])("deletes only where the words ask for it: %s", async (said, becomes) => {
    const { decisions } = await decide(proposal(said, [BERLIN]), { outcome: "forget", known: [0] });
    expect(decisions).toMatchObject([becomes]);
  });

  it("never ends what another has told", async () => {
    const bobs = known("b", "The deadline is on Friday.", { teller: "bob", speaker: "bob" });
    const { decisions } = await decide(proposal("The deadline is on Monday.", [bobs]), {
      outcome: "supersede",
      known: [0],
    });
    expect(decisions).toMatchObject([{ outcome: "add" }]);
  });

  it("deletes nothing that an assistant asks to be forgotten", async () => {
    const content = contentOf("The assistant said: forget that Ada lives in Berlin.", "m");
    const one = proposal("", [BERLIN], {
      content: { ...content, features: { ...content.features, role: "assistant" } },
      teller: "assistant",
    });
    const { decisions } = await decide(one, { outcome: "forget", known: [0] });
    expect(decisions.some(({ outcome }) => outcome === "delete")).toBe(false);
  });

  it("brings both texts together in their own words, embedded anew, and keeps since when it is so", async () => {
    const text = "Ada lives in Kreuzberg, Berlin.";
    const { decisions } = await decide(proposal("Ada lives in Kreuzberg.", [BERLIN]), {
      outcome: "update",
      known: 0,
      text,
    });
    expect(decisions).toMatchObject([
      {
        outcome: "update",
        memoryId: "b",
        content: {
          vector: new Float32Array([0, 1]),
          statement: { text, valid: { from: new Date("2026-01-01") } },
        },
      },
    ]);
  });

  it("keeps the attributes, names and metadata of both, and what it was surest of", async () => {
    const before = known("b", "Ada lives in Berlin.", {
      metadata: { source: "chat", lang: "en" },
      entities: [{ name: "Berlin", type: "place" }],
      confidence: 0.95,
      importance: 0.75,
    });
    const one = proposal("Ada works at Stripe.", [before]);
    const said = {
      ...one,
      content: {
        ...one.content,
        metadata: { lang: "de" },
        statement: {
          ...one.content.statement,
          confidence: 0.9,
          entities: [{ name: "Stripe", type: "organization" }],
        },
      },
    };
    const text = "Ada lives in Berlin and works at Stripe.";
    const { decisions } = await decide(said, { outcome: "update", known: 0, text });
    const [decision] = decisions;
    if (decision?.outcome !== "update") throw new Error("it was no update");
    const { slots, metadata, statement } = decision.content;
    expect(slots.join(" ")).toMatch(/lives_in/);
    expect(slots.join(" ")).toMatch(/works_at/);
    expect(metadata).toEqual({ source: "chat", lang: "de" });
    expect(statement.entities.map(({ name }) => name)).toEqual(expect.arrayContaining(["Berlin", "Stripe"]));
    expect(statement.relations.map(({ type }) => type)).toEqual(
      expect.arrayContaining(["lives_in", "works_at"]),
    );
    expect([statement.confidence, statement.importance]).toEqual([0.95, 0.75]);
  });

  it("may not invent: then the statement stands beside what is known, as it was said", async () => {
    const text = "Ada lives in Kreuzberg, Berlin, with three horses.";
    const { decisions } = await decide(proposal("Ada lives in Kreuzberg.", [BERLIN]), {
      outcome: "update",
      known: 0,
      text,
    });
    expect(decisions).toMatchObject([
      { outcome: "add", content: { statement: { text: "Ada lives in Kreuzberg." } } },
    ]);
  });

  it("ends nothing that was said later, and what arrives late is ended by it", async () => {
    const said = proposal("Ada lives in Rome.", [
      known("m", "Ada lives in Munich.", {
        saidAt: new Date("2027-05-01"),
        validFrom: new Date("2027-05-01"),
      }),
    ]);
    const { decisions } = await decide(said, { outcome: "supersede", known: [0] });
    expect(decisions).toMatchObject([{ outcome: "add", endedBy: { memoryId: "m" } }]);
  });

  it.each(["MODEL_REFUSED", "MODEL_OUTPUT_INVALID", "BUDGET_EXCEEDED"] as const)(
    "is left to rules after %s",
    async (reason) => {
      const failed = new MnemeError("failed_precondition", reason, "no");
      const { decisions } = await decide(proposal("Ada moved to Munich.", [BERLIN]), failed);
      expect(decisions).toMatchObject([{ outcome: "supersede", rule: "slot:lives_in" }]);
    },
  );

  it.each(["MODEL_SERVER_FAILED", "MODEL_RATE_LIMITED", "MODEL_TIMEOUT"] as const)(
    "is left to rules where it fails for the third time with %s",
    async (reason) => {
      const failed = new MnemeError("unavailable", reason, "no");
      const said = proposal("Ada moved to Munich.", [BERLIN]);
      for (const attempts of [0, 1]) await expect(decide(said, failed, attempts)).rejects.toBe(failed);
      const { decisions } = await decide(said, failed, 2);
      expect(decisions).toMatchObject([{ outcome: "supersede", rule: "slot:lives_in" }]);
    },
  );

  it("is waited for where its server is away", async () => {
    const away = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "no", {
      metadata: { dependency: "model" },
    });
    await expect(decide(proposal("Ada moved to Munich.", [BERLIN]), away)).rejects.toBe(away);
  });
});

it("shows a model all that lies near each statement, in as many questions as that takes", async () => {
  const { asked, reconciler } = answering(({ statements }) => statements.map(() => ({ outcome: "add" })));
  const near = (who: string, cosine: number) =>
    Array.from({ length: 25 }, (_, i) => known(`${who}${i}`, `${who} knows number ${i}.`, { cosine }));
  const said = [
    ...["Bo", "Cy", "Di"].map((who) => proposal(`${who} knows another one.`, near(who, 0.9))),
    proposal("Ada moved to Paris.", [known("berlin", "Ada lives in Berlin.", { cosine: 0.4 })]),
  ];
  await askReconciler({ embedder }, "t", reconciler, BATCH, said, undefined);
  const texts = asked.map(({ statements, known: shown }) => [
    statements.map(({ text }) => text),
    shown.length,
    shown.some(({ text }) => text === "Ada lives in Berlin."),
  ]);
  expect(texts).toEqual([
    [["Bo knows another one.", "Cy knows another one."], 50, false],
    [["Di knows another one.", "Ada moved to Paris."], 26, true],
  ]);
});
