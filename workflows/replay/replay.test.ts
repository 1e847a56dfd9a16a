import { MnemeError } from "@mneme/core/errors.ts";
import { advanceReplay } from "@mneme/core/replay/advance-replay.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { createReplayStore } from "@mneme/postgres/replay/replay-store.ts";
import { createProjectStore } from "@mneme/postgres/tenancy/project-store.ts";
import { administratorOf, requestOf, setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { seedMemories } from "@mneme/postgres/testing/memories.ts";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ADA, BO, BY_MODEL, JUNE, MAY, ReplaySuite } from "../testing/replay-suite.ts";

let suite: ReplaySuite;
beforeAll(async () => {
  suite = await ReplaySuite.open();
});
beforeEach(() => suite.reset());
afterAll(() => suite?.[Symbol.asyncDispose]());

const SAID = [
  "I live in Rome.",
  "I moved to Oslo last week.",
  "I don't live in Rome any more.",
  "I have a dog called Rex.",
  "Forget that I have a dog.",
  "I'm vegetarian.",
  "I prefer tea over coffee.",
  "I prefer coffee over tea.",
  "I live in Rome with my dog Rex.",
  "We're going to Japan in October 2026.",
  "The trip to Japan is cancelled.",
  "Thanks!",
];

const open = (reconcileModel?: string) => suite.openTenant(reconcileModel);
const countOf = (
  totals: { readonly changes: readonly { change: string; count: number }[] },
  wanted: string,
) => totals.changes.reduce((sum, { change, count }) => sum + (change === wanted ? count : 0), 0);

describe("a replay by the same extractor", () => {
  it("finds what is known, and nothing else", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I work at Acme and I have a dog called Rex."], MAY);
    await tenant.say(ADA, ["I moved to Oslo.", "I live in Oslo."], JUNE);
    await tenant.say(BO, ["I'm vegetarian."], MAY);
    const { id, state, totals, extractor } = await tenant.replay();
    expect(await tenant.told(id)).toEqual([]);
    expect([state, totals.streams, totals.streamsDone, totals.messages]).toEqual(["ready", 2, 2, 5]);
    expect(extractor).toMatch(/^embedded\//);
    const known = [...(await tenant.memories(ADA, true)), ...(await tenant.memories(BO, true))];
    expect(countOf(totals, "same")).toBe(known.length);
    expect(known.some(({ replacedBy }) => replacedBy !== undefined)).toBe(true);
  });

  it("finds what is known of any conversation", async () => {
    const tenant = await open();
    let person = 0;
    const day = fc.record({
      day: fc.integer({ min: 0, max: 6 }),
      texts: fc.array(fc.constantFrom(...SAID), { minLength: 1, maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(day, { minLength: 1, maxLength: 5 }), async (days) => {
        const scope = { userId: `person ${person++}` };
        for (const { day: i, texts } of days) {
          await tenant.say(scope, texts, new Date(MAY.getTime() + i * 86_400_000));
        }
        const { id } = await tenant.replay({ scope });
        const found = await tenant.told(id);
        await tenant.end(id, "discarded");
        expect(found).toEqual([]);
      }),
      {
        numRuns: 15,
        examples: [
          [
            [
              { day: 1, texts: ["I live in Rome."] },
              {
                day: 0,
                texts: [
                  "I live in Rome with my dog Rex.",
                  "Forget that I have a dog.",
                  "I moved to Oslo last week.",
                ],
              },
            ],
          ],
          [
            [
              { day: 0, texts: ["I moved to Oslo last week.", "Forget that I have a dog."] },
              {
                day: 1,
                texts: ["I live in Rome with my dog Rex.", "Forget that I have a dog.", "I live in Rome."],
              },
              { day: 2, texts: ["I live in Rome."] },
            ],
          ],
        ],
      },
    );
  }, 120_000);
});

describe("a replay by a model", () => {
  const SAID = ["I live in Rome.", "I keep bees.", "My sister is called Grace."];
  beforeEach(() => {
    suite.readings = {
      "I live in Rome.": [{ text: "The user lives in Rome.", category: "travel" }],
      "I keep bees.": [{ text: "Is a beekeeper.", kind: "procedural" }],
      "My sister is called Grace.": [{ text: "Has a sister." }, { text: "The sister is called Grace." }],
    };
  });

  it("tells what it added, removed and changed, in counts and examples, while nothing of it is seen", async () => {
    const tenant = await open();
    await tenant.say(ADA, SAID, MAY);
    const before = await tenant.texts(ADA);
    const { id, totals, reconciler } = await tenant.replay(BY_MODEL);
    expect(await tenant.told(id)).toEqual([
      "added:  -> Is a beekeeper.",
      "added:  -> The sister is called Grace.",
      "changed: The user lives in Rome. -> The user lives in Rome.",
      "removed: The user keeps bees. -> ",
      "removed: The user's sister is called Grace. -> ",
    ]);
    expect(totals.changes).toContainEqual({
      change: "added",
      kind: "procedural",
      category: "other",
      count: 1,
    });
    expect([countOf(totals, "added"), countOf(totals, "removed"), countOf(totals, "changed")]).toEqual([
      2, 2, 1,
    ]);
    const [changed] = await tenant.differences(id, "changed");
    expect(changed?.fields).toContain("category");
    expect([changed?.before?.category, changed?.after?.category]).toEqual(["home", "travel"]);
    expect(changed?.scope).toEqual(ADA);
    expect(reconciler).toBe("");
    expect(await tenant.texts(ADA)).toEqual(before);
  });

  it("counts what it took, and costs nothing twice", async () => {
    const tenant = await open();
    await tenant.say(ADA, SAID, MAY);
    const first = await tenant.replay(BY_MODEL);
    expect(first.totals.spent).toMatchObject({
      calls: 1,
      knownAnswers: 0,
      inputTokens: 60,
      cachedInputTokens: 30,
      outputTokens: 10,
      picodollars: 100_000_000n,
    });
    const asked = suite.server.requests.length;
    const second = await tenant.replay(BY_MODEL);
    expect(second.totals.spent).toMatchObject({ calls: 0, knownAnswers: 1, inputTokens: 0, picodollars: 0n });
    expect(suite.server.requests).toHaveLength(asked);
    expect(await tenant.told(second.id)).toEqual(await tenant.told(first.id));
  });

  it("under other instructions is another question", async () => {
    const tenant = await open();
    await tenant.say(ADA, SAID, MAY);
    const plain = await tenant.replay(BY_MODEL);
    const settings = { ...BY_MODEL.settings, extraction: { instructions: "Write down animals alone." } };
    const instructed = await tenant.replay({ settings });
    expect(instructed.totals.spent.calls).toBe(1);
    expect(suite.server.requests.at(-1)?.body.messages[0].content).toContain("animals alone");
    expect(instructed.extractor).not.toBe(plain.extractor);
  });

  it("reconciles with what it has read itself, by the model that decides where there is one", async () => {
    const tenant = await open("scripted");
    await tenant.say(ADA, ["I live in Rome."], MAY);
    suite.readings = {
      "I live in Rome.": [{ text: "The user lives in Rome." }],
      "I moved!": [{ text: "The user lives in Oslo." }],
    };
    await tenant.say(ADA, ["I moved!"], JUNE);
    // Two messages a call would be settled among themselves; each by itself meets what the one before it told.
    const settings = { models: { extractor: "model", messagesPerCall: 1 } } as const;
    const { reconciler } = await tenant.replay({ settings });
    expect(reconciler).toMatch(/^scripted\/v1-/);
  });
});

describe("which conversations", () => {
  const scopes = Array.from({ length: 8 }, (_, i) => ({ userId: `person ${i}` }));

  it("are those of a person, or of what one tells an agent", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say({ ...ADA, agentId: "guide" }, ["I'm vegetarian."], MAY);
    await tenant.say(BO, ["I keep bees."], MAY);
    expect((await tenant.replay({ scope: ADA })).totals).toMatchObject({ streams: 1, messages: 2 });
    const ofAgent = await tenant.replay({ scope: { ...ADA, agentId: "guide" } });
    expect(ofAgent.totals).toMatchObject({ streams: 1, messages: 1 });
    expect([ofAgent.scope, await tenant.told(ofAgent.id)]).toEqual([{ ...ADA, agentId: "guide" }, []]);
    await expect(tenant.start({ scope: { userId: "nobody" } })).rejects.toMatchObject({
      reason: "FIELD_INVALID",
    });
  });

  it("are never those of another project: whom it alone knows is nobody here", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    const draft = { name: "another", settings: {}, limits: {} };
    const projects = createProjectStore(suite.record.database);
    const { id: projectId } = await projects.create(
      administratorOf(tenant.tenant),
      draft,
      requestOf("CreateProject"),
    );
    const replays = createReplayStore(suite.record.database);
    const start = (scope: typeof ADA | undefined) =>
      replays.start(
        { ...tenant.tenant, projectId },
        { scope, settings: {}, sample: { seed: 0 } },
        requestOf("StartReplay"),
      );
    await expect(start(ADA)).rejects.toMatchObject({ reason: "FIELD_INVALID" });
    await expect(start({ userId: "nobody" })).rejects.toMatchObject({ reason: "FIELD_INVALID" });
    const { id } = await start(undefined);
    await tenant.step(id);
    await tenant.step(id);
    const { totals } = await replays.get({ ...tenant.tenant, projectId }, id);
    expect(totals.streams).toBe(0);
    await expect(tenant.get(id)).rejects.toMatchObject({ reason: "REPLAY_NOT_FOUND" });
  });

  it("are a sample, the same for the same seed", async () => {
    const tenant = await open();
    for (const scope of scopes) await tenant.accept(scope, ["I live in Rome."], MAY);
    await tenant.work();
    const chosen = async (sample: { mostStreams?: number; percent?: number; seed: number }) => {
      const { id } = await tenant.replay({ sample });
      const { rows } = await suite.record.admin.query<{ stream_id: string }>(
        "select stream_id from mneme.replay_streams where replay_id = $1 order by 1",
        [id],
      );
      await tenant.end(id, "discarded");
      return rows.map(({ stream_id }) => stream_id);
    };
    const three = await chosen({ mostStreams: 3, seed: 7 });
    expect(three).toHaveLength(3);
    expect(await chosen({ mostStreams: 3, seed: 7 })).toEqual(three);
    const seeds = await Promise.all([1, 2, 3].map((seed) => chosen({ mostStreams: 3, seed })));
    expect(new Set(seeds.map(String)).size).toBeGreaterThan(1);
    expect(await chosen({ percent: 100, seed: 0 })).toHaveLength(8);
    expect((await chosen({ percent: 50, seed: 0 })).length).toBeLessThan(8);
  });

  it("leave out what waits to be read, and what is kept no longer", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.accept(ADA, ["I keep bees."], JUNE);
    expect((await tenant.replay()).totals).toMatchObject({ messages: 1 });
    await suite.record.admin.query(
      "update mneme.messages set body_ct = null where tenant_id = $1 and state = 'done'",
      [tenant.tenant.tenantId],
    );
    expect((await tenant.replay()).totals).toMatchObject({ streams: 0 });
  });
});

describe("what is left out", () => {
  it("is what was given or changed by hand; it is counted, and called neither new nor gone", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    await seedMemories(suite.record, tenant.tenant, ADA, ["Ada has a cat."]);
    await tenant.changeByHand(ADA, /bees/, "Ada kept bees once.");
    suite.readings = {
      "I live in Rome.": [{ text: "The user lives in Rome." }],
      "I keep bees.": [{ text: "Ada kept bees once." }],
    };
    const { id, totals } = await tenant.replay(BY_MODEL);
    expect(totals.leftOut).toEqual([
      { reason: "changed_by_hand", count: 1 },
      { reason: "given", count: 1 },
    ]);
    expect((await tenant.told(id)).filter((one) => !one.startsWith("changed"))).toEqual([]);
  });
});

describe("a budget", () => {
  it("that is spent has a replay wait, and go on once there is more; no rule stands in", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    suite.readings = { "I keep bees.": [{ text: "Is a beekeeper." }] };
    await setOnProject(suite.record, tenant.tenant, {
      budget: { monthlyTokens: 10, whenSpent: "embedded" },
    });
    const waiting = await tenant.replay(BY_MODEL);
    expect([waiting.state, waiting.totals.streamsDone]).toEqual(["waiting", 0]);
    expect(waiting.waitingUntil?.getTime()).toBeGreaterThan(Date.now());
    expect(suite.server.requests).toEqual([]);
    await setOnProject(suite.record, tenant.tenant, { budget: { monthlyTokens: 1_000_000 } });
    const { id, state } = await tenant.advance(waiting.id);
    expect(state).toBe("ready");
    expect(await tenant.told(id)).toContain("added:  -> Is a beekeeper.");
  });
});

describe("somebody whose messages can't be read", () => {
  it("is told of, and the others are compared", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(BO, ["I keep bees."], MAY);
    suite.readings = { "I live in Rome.": [{ text: "The user lives in Rome." }] };
    suite.instead = (texts) => (texts.includes("I keep bees.") ? replies.refusal() : undefined);
    const { state, totals } = await tenant.replay(BY_MODEL);
    expect([state, totals.streamsDone, totals.streamsFailed]).toEqual(["ready", 1, 1]);
    expect(totals.failures).toEqual([{ reason: "MODEL_REFUSED:extractor", count: 1 }]);
  });
});

describe("a stream that somebody else read on", () => {
  it("is none that came to its end: what is away beside it is waited for", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(BO, ["I keep bees."], MAY);
    const { id } = await tenant.start();
    await tenant.step(id);
    const { work } = tenant.deps;
    const away = new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", "away", {
      metadata: { dependency: "model" },
    });
    let openings = 0;
    const beside: typeof work = {
      ...work,
      open: async (...of) => {
        openings += 1;
        return openings > 1 ? Promise.reject(away) : work.open(...of);
      },
      keep: async (...of) => {
        await work.keep(...of);
        return work.keep(...of);
      },
    };
    const of = { tenantId: tenant.tenant.tenantId, replayId: id };
    const step = advanceReplay({ ...tenant.deps, work: beside }, of, { forMs: 60_000 });
    await expect(step).rejects.toBe(away);
    expect((await tenant.advance(id)).totals).toMatchObject({ streamsDone: 2, streamsFailed: 0 });
  });
});

describe("promoting", () => {
  beforeEach(() => {
    suite.readings = {
      "I live in Rome.": [{ text: "The user lives in Rome.", category: "travel" }],
      "I keep bees.": [{ text: "Is a beekeeper." }],
      "I live in Oslo now.": [{ text: "The user lives in Oslo." }],
    };
  });

  it("puts what was read in the place of what is known, and says so in its history", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const [old] = await tenant.memories(ADA);
    const { id } = await tenant.replay(BY_MODEL);
    const { state, totals } = await tenant.end(id, "promoting");
    expect([state, totals.streamsPromoted]).toEqual(["promoted", 1]);
    await tenant.work();
    expect(await tenant.texts(ADA)).toEqual(["Is a beekeeper.", "The user lives in Rome."]);
    const memories = await tenant.memories(ADA);
    for (const { rule, extractor } of memories)
      expect([rule, extractor]).toEqual([`replay:${id}`, "scripted"]);
    const story = await tenant.story(old?.id ?? "");
    expect(story).toContain(`replay:${id}`);
    expect(await tenant.findable(ADA)).toEqual(["Is a beekeeper.", "The user lives in Rome."]);
    const differences = await tenant.differences(id);
    expect(differences.map((one) => one.state)).toEqual(differences.map(() => "applied"));
    expect(differences.map(({ after }) => after?.text)).toContain("Is a beekeeper.");
  });

  it("reads first what was said since, and ends what it made untrue", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.say(ADA, ["I live in Oslo now."], JUNE);
    const { state, totals } = await tenant.end(id, "promoting");
    expect([state, totals.messages]).toEqual(["promoted", 2]);
    expect(await tenant.texts(ADA)).toEqual(["The user lives in Oslo."]);
    const rome = (await tenant.memories(ADA, true)).find(({ text }) => text === "The user lives in Rome.");
    const oslo = (await tenant.memories(ADA)).find(({ text }) => text === "The user lives in Oslo.");
    expect([rome?.validTo, rome?.replacedBy]).toEqual([oslo?.validFrom, oslo?.id]);
  });

  it("leaves what was changed by hand or rated meanwhile, and what is added stays one memory", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.changeByHand(ADA, /Rome/, "Lives in Rome, near the river.");
    await tenant.rate(ADA, /bees/);
    const { totals } = await tenant.end(id, "promoting");
    expect(totals.kept).toBe(1);
    const texts = await tenant.texts(ADA);
    expect(texts).toContain("Lives in Rome, near the river.");
    expect(texts.some((text) => /bees/.test(text))).toBe(true);
    // The replay's own words for what was changed by hand were paired with it.
    expect(texts.filter((text) => text.includes("Rome"))).toHaveLength(1);
  });

  it("brings back nothing that was deleted, before or since, in whatever words", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    await tenant.delete(ADA, /bees/);
    const { id } = await tenant.replay(BY_MODEL);
    expect((await tenant.told(id)).join()).not.toContain("beekeeper");
    await tenant.delete(ADA, /Rome/);
    expect(await tenant.told(id)).toEqual([]);
    await tenant.end(id, "promoting");
    expect(await tenant.texts(ADA)).toEqual([]);
  });

  it("is done once, and can't be asked for before it is ready", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    const { id } = await tenant.start(BY_MODEL);
    await expect(tenant.end(id, "promoting")).rejects.toMatchObject({ reason: "STATE_CONFLICT" });
    await tenant.advance(id);
    await tenant.end(id, "promoting");
    const versions = (await tenant.memories(ADA, true)).map(({ version }) => version);
    await tenant.advance(id);
    expect((await tenant.memories(ADA, true)).map(({ version }) => version)).toEqual(versions);
    await expect(tenant.end(id, "promoting")).rejects.toMatchObject({ reason: "STATE_CONFLICT" });
  });

  it("by a replay that finds what is known changes nothing", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const before = await tenant.memories(ADA);
    const { id } = await tenant.replay();
    await tenant.end(id, "promoting");
    expect(await tenant.memories(ADA)).toEqual(before);
  });
});

describe("a replay that is ended", () => {
  it.each(["discarded", "cancelled"] as const)("and is %s leaves nothing", async (to) => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    suite.readings = { "I keep bees.": [{ text: "Is a beekeeper." }] };
    if (to === "cancelled") {
      await setOnProject(suite.record, tenant.tenant, { budget: { monthlyTokens: 10 } });
    }
    const { id } = await tenant.replay(BY_MODEL);
    expect(await tenant.left(id)).toBeGreaterThan(0);
    const { state, endedAt } = await tenant.end(id, to);
    expect([state, endedAt === undefined, await tenant.left(id)]).toEqual([to, false, 0]);
    expect(await tenant.differences(id)).toEqual([]);
  });

  it("ends by itself when its time is over", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    suite.readings = { "I keep bees.": [{ text: "Is a beekeeper." }] };
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.expire(id);
    expect((await tenant.advance(id)).state).toBe("discarded");
    expect(await tenant.left(id)).toBe(0);
  });

  it("makes room: five of a project are not ended", async () => {
    const tenant = await open();
    const started = [];
    for (let i = 0; i < 5; i += 1) started.push(await tenant.replay());
    await expect(tenant.start()).rejects.toMatchObject({ reason: "STATE_CONFLICT" });
    await tenant.end(started[0]?.id ?? "", "discarded");
    await tenant.start();
  });
});

describe("a person who is being erased", () => {
  it("is in no report, is not promoted, and nothing of them is written", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(BO, ["I keep bees."], MAY);
    suite.readings = {
      "I live in Rome.": [{ text: "Has a home." }],
      "I keep bees.": [{ text: "Is a beekeeper." }],
    };
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.fence(ADA);
    expect((await tenant.told(id)).join()).not.toContain("home");
    const { state, totals } = await tenant.end(id, "promoting");
    expect([state, totals.streamsPromoted]).toEqual(["promoted", 1]);
    await tenant.erase();
    expect(await tenant.texts(BO)).toEqual(["Is a beekeeper."]);
    const { rows } = await suite.record.admin.query("select from mneme.replay_streams where replay_id = $1", [
      id,
    ]);
    expect(rows).toHaveLength(1);
  });
});
