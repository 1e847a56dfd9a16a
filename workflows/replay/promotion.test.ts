import { advanceReplay } from "@mneme/core/replay/advance-replay.ts";
import type { ReplayWork } from "@mneme/core/replay/replay-work.ts";
import { replies } from "@mneme/models/testing/replies.ts";
import { createFreshnessStore } from "@mneme/postgres/freshness-store.ts";
import { createMaintenance } from "@mneme/postgres/maintenance.ts";
import { createReplayStore } from "@mneme/postgres/replay/replay-store.ts";
import { requestOf, setOnProject } from "@mneme/postgres/testing/administrator.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ADA, BO, BY_MODEL, JUNE, MAY, ReplaySuite } from "../testing/replay-suite.ts";
import type { ReplayTenant } from "../testing/replay-tenant.ts";

let suite: ReplaySuite;
beforeAll(async () => {
  suite = await ReplaySuite.open();
});
beforeEach(() =>
  suite.reset({
    "I live in Rome.": [{ text: "The user lives in Rome.", category: "travel" }],
    "I keep bees.": [{ text: "Is a beekeeper." }],
    "I live in Oslo now.": [{ text: "The user lives in Oslo." }],
  }),
);
afterAll(() => suite?.[Symbol.asyncDispose]());

const open = () => suite.openTenant();
const admin = <Row extends object>(text: string, values: readonly unknown[]) =>
  suite.record.admin.query<Row>(text, [...values]);

/** As extractions do that fail, and do not when they are tried again. */
const mark = (tenant: ReplayTenant, position: number, state: "failed" | "done") =>
  admin("update mneme.messages set state = $3 where tenant_id = $1 and position = $2", [
    tenant.tenant.tenantId,
    position,
    state,
  ]);

const begin = (tenant: ReplayTenant, replayId: string, to: "promoting" | "discarded") =>
  createReplayStore(suite.record.database).change(tenant.tenant, replayId, to, requestOf("PromoteReplay"));

/** Takes a replay a step on with something going on beside it. */
const stepWith = (
  { deps, tenant: { tenantId } }: ReplayTenant,
  replayId: string,
  work: Partial<ReplayWork>,
) => advanceReplay({ ...deps, work: { ...deps.work, ...work } }, { tenantId, replayId }, { forMs: 60_000 });

const shadowOf = async (replayId: string) => {
  const { rows } = await admin<{ windows: number; memories: number; notes: number }>(
    `select count(*)::integer as memories, count(window_ct)::integer as windows,
       (select count(notes_ct)::integer from mneme.replay_streams where replay_id = $1) as notes
     from mneme.replay_memories where replay_id = $1`,
    [replayId],
  );
  return rows[0];
};

const planOf = async ({ deps, tenant: { tenantId } }: ReplayTenant, replayId: string) => {
  const plan = await deps.work.plan(tenantId, replayId);
  if (!plan) throw new Error("no plan");
  return plan;
};

const streamOf = async (replayId: string) => {
  const { rows } = await admin<{ stream_id: string; through: string }>(
    "select stream_id, through from mneme.replay_streams where replay_id = $1",
    [replayId],
  );
  return { streamId: rows[0]?.stream_id ?? "", through: BigInt(rows[0]?.through ?? 0) };
};

describe("an extraction that had failed", () => {
  it("and is tried again behind what a replay has read is read before promoting", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(ADA, ["I keep bees."], JUNE);
    await mark(tenant, 1, "failed");
    const { id, totals } = await tenant.replay(BY_MODEL);
    expect(totals.messages).toBe(1);
    await mark(tenant, 1, "done");
    const promoted = await tenant.end(id, "promoting");
    expect([promoted.state, promoted.totals.messages]).toEqual(["promoted", 2]);
    expect(await tenant.texts(ADA)).toEqual(["Is a beekeeper.", "The user lives in Rome."]);
  });

  it("is left out of the report where it is tried again while the replay reads", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(ADA, ["I keep bees."], JUNE);
    await mark(tenant, 1, "failed");
    const { id } = await tenant.start(BY_MODEL);
    await tenant.step(id);
    await stepWith(tenant, id, {
      live: async (...asked) => {
        await mark(tenant, 1, "done");
        return tenant.deps.work.live(...asked);
      },
    });
    const { totals } = await tenant.advance(id);
    expect(totals.leftOut).toEqual([{ reason: "not_read", count: 1 }]);
    expect((await tenant.told(id)).join()).not.toContain("Rome");
  });
});

describe("what is deleted", () => {
  it("is shown to no model, neither the words that told it nor a message of nothing else", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome. I keep bees.", "I collect secret stamps."], MAY);
    await tenant.delete(ADA, /bees/);
    await tenant.delete(ADA, /stamps/);
    suite.readings = { "I live in Rome.": [{ text: "The user lives in Rome.", category: "travel" }] };
    const { id, totals } = await tenant.replay(BY_MODEL);
    const asked = suite.server.requests.map(({ body }) => JSON.stringify(body)).join();
    expect(asked).toContain("I live in Rome.");
    expect(asked).not.toMatch(/bees|stamps/);
    expect(totals.messages).toBe(2);
    await tenant.end(id, "promoting");
    expect(await tenant.texts(ADA)).toEqual(["The user lives in Rome."]);
  });

  it("asks no model anything where it was all that was said", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    await tenant.delete(ADA, /bees/);
    const { state, totals } = await tenant.replay(BY_MODEL);
    expect([state, totals.spent.calls, suite.server.requests.length]).toEqual(["ready", 0, 0]);
  });

  it("stays away where a replay reads the same words elsewhere", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees.", "Thanks for asking!"], MAY);
    suite.readings = { "Thanks for asking!": [{ text: "The user keeps bees." }] };
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.delete(ADA, /bees/);
    expect((await shadowOf(id))?.memories).toBe(1);
    await tenant.end(id, "promoting");
    expect(await tenant.texts(ADA)).toEqual([]);
  });

  it("while a step reads it is not kept by that step: it is read again without", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const { id } = await tenant.start(BY_MODEL);
    await tenant.step(id);
    const kept: boolean[] = [];
    await stepWith(tenant, id, {
      keep: async (...asked) => {
        await tenant.delete(ADA, /bees/);
        kept.push(await tenant.deps.work.keep(...asked));
        return kept.at(-1) ?? false;
      },
    });
    expect([kept, await shadowOf(id)]).toEqual([[false], { memories: 0, windows: 0, notes: 0 }]);
    expect((await tenant.advance(id)).state).toBe("ready");
    expect((await tenant.told(id)).join()).not.toContain("beekeeper");
    expect((await shadowOf(id))?.memories).toBe(1);
  });

  it("and told again since, in the same words, is not ended by what was read before", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const { id } = await tenant.replay();
    await tenant.delete(ADA, /bees/);
    await tenant.say(ADA, ["I keep bees."], new Date());
    const before = await tenant.texts(ADA);
    expect(before.join()).toContain("bees");
    await tenant.end(id, "promoting");
    expect(await tenant.texts(ADA)).toEqual(before);
  });

  it("goes from what a replay noted of the conversation", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    expect((await shadowOf(id))?.notes).toBe(1);
    await tenant.delete(ADA, /bees/);
    expect((await shadowOf(id))?.notes).toBe(0);
  });
});

describe("what a model answers", () => {
  it.each(["what is known", "what a replay read"])(
    "about %s is not kept where that is deleted while it is asked: its words may stand in the answer",
    async (what) => {
      const tenant = await open();
      await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
      const { id } = await tenant.replay(BY_MODEL);
      const { streamId } = await streamOf(id);
      const { tenantId, projectId } = tenant.tenant;
      const known = await tenant.memories(ADA);
      const shown =
        what === "what is known"
          ? { memoryIds: known.map((one) => one.id) }
          : { quietSince: new Date(Date.now() + 60_000) };
      const owner = { tenantId, projectId, streamId, subject: undefined, messageIds: [], ...shown };
      const answers = tenant.deps.ingest.answers;
      const keep = (asked: string) => answers?.keep({ ...owner, purpose: "reconcile" }, asked, "kept");
      const find = (asked: string) => answers?.find({ ...owner, purpose: "reconcile" }, asked);
      await keep("before");
      expect(await find("before")).toBe("kept");
      await tenant.delete(ADA, /bees/);
      if (shown.quietSince) shown.quietSince.setTime(Date.now());
      await keep("while it was asked");
      expect([await find("before"), await find("while it was asked")]).toEqual([undefined, undefined]);
    },
  );
});

describe("messages whose words are kept no longer", () => {
  const forget = async (tenant: ReplayTenant) => {
    await setOnProject(suite.record, tenant.tenant, { retention: { messageDays: 0 } });
    for (const change of ["extractions set searchable_at =", "messages set received_at ="]) {
      await admin(`update mneme.${change} now() - interval '2 days' where tenant_id = $1`, [
        tenant.tenant.tenantId,
      ]);
    }
    return createMaintenance(suite.record.database.pool).forgetMessages(1_000);
  };

  it("leave none of them in a shadow, and what they told stays as it is", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    expect(await shadowOf(id)).toEqual({ memories: 2, windows: 2, notes: 1 });
    expect(await forget(tenant)).toBeGreaterThanOrEqual(2);
    expect(await shadowOf(id)).toEqual({ memories: 2, windows: 0, notes: 0 });
    const { streamId } = await streamOf(id);
    const shadow = await tenant.deps.work.open(await planOf(tenant, id), streamId);
    expect(shadow?.memories.map(({ content }) => content.features.window)).toEqual(["", ""]);
    const before = await tenant.texts(ADA);
    await tenant.end(id, "promoting");
    expect(await tenant.texts(ADA)).toEqual(before);
  });

  it("while a step reads them are not kept by that step", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    const { id } = await tenant.start(BY_MODEL);
    await tenant.step(id);
    await stepWith(tenant, id, {
      keep: async (...asked) => {
        await forget(tenant);
        return tenant.deps.work.keep(...asked);
      },
    });
    expect(await shadowOf(id)).toEqual({ memories: 0, windows: 0, notes: 0 });
  });
});

describe("what reading took", () => {
  it("is told of what came to nothing, too", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    suite.instead = () => replies.content("no JSON");
    const { id } = await tenant.start(BY_MODEL);
    for (let tries = 0; tries < 5; tries += 1) await tenant.step(id);
    const { state, totals } = await tenant.get(id);
    expect([state, totals.streamsFailed]).toEqual(["ready", 1]);
    expect(totals.spent.calls).toBeGreaterThan(0);
    expect(totals.spent.calls).toBe(suite.server.requests.length);
    expect(totals.spent.inputTokens).toBeGreaterThan(0);
    expect(totals.spent.picodollars).toBeGreaterThan(0n);
  });

  it("is told of a replay that was cancelled meanwhile", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    const { id } = await tenant.start(BY_MODEL);
    await tenant.step(id);
    await stepWith(tenant, id, {
      keep: async (...asked) => {
        await tenant.end(id, "cancelled");
        return tenant.deps.work.keep(...asked);
      },
    });
    const { state, totals } = await tenant.get(id);
    expect([state, totals.spent.calls, suite.server.requests.length]).toEqual(["cancelled", 1, 1]);
  });
});

describe("promoting", () => {
  it("counts a sentence that a model cuts a little otherwise as the source that it is", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    suite.readings = {
      "I live in Rome.": [{ text: "The user lives in Rome.", category: "travel", quote: "I live in Rome" }],
    };
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.end(id, "promoting");
    const [memory] = await tenant.memories(ADA);
    expect([memory?.category, memory?.sources.length]).toEqual(["travel", 1]);
    expect(await tenant.story(memory?.id ?? "")).not.toContain("again");
  });

  it("tells of what was not found any more that it was never so, and of what reads otherwise what that is", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(ADA, ["I keep bees."], JUNE);
    const [bees, rome] = (await tenant.memories(ADA)).toSorted((a, b) => (a.text < b.text ? -1 : 1));
    suite.readings = { "I live in Rome.": [{ text: "The user lives in Rome.", category: "travel" }] };
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.end(id, "promoting");
    expect(await tenant.story(bees?.id ?? "")).toMatch(
      /“[^”]+bees\.” was not found any more when the conversation was read again; it was never so\. \[replay/,
    );
    expect(await tenant.story(rome?.id ?? "")).toMatch(/it was changed \([^)]*category from \w+ to travel/);
  });

  it("keeps to the room that a scope has", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(ADA, ["I keep bees."], JUNE);
    await setOnProject(suite.record, tenant.tenant, {
      retention: { memoriesPerScope: 1, whenFull: "remove" },
    });
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.end(id, "promoting");
    expect(await tenant.texts(ADA)).toHaveLength(1);
  });

  it("names nothing that is not known as what ended a memory", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(ADA, ["I live in Oslo now."], JUNE);
    const { id } = await tenant.replay(BY_MODEL);
    await tenant.changeByHand(ADA, /Oslo/, "Ada keeps geese.");
    await tenant.end(id, "promoting");
    const all = await tenant.memories(ADA, true);
    const known = new Set(all.map((one) => one.id));
    expect(all.map(({ replacedBy }) => replacedBy).filter((by) => by && !known.has(by))).toEqual([]);
  });

  it("can be stopped: what was not promoted by then never is", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    const before = await tenant.texts(ADA);
    const { id } = await tenant.replay(BY_MODEL);
    await begin(tenant, id, "promoting");
    await stepWith(tenant, id, {
      promote: async (...asked) => {
        await begin(tenant, id, "discarded");
        return tenant.deps.work.promote(...asked);
      },
    });
    expect((await tenant.advance(id)).state).toBe("discarded");
    expect([await tenant.texts(ADA), await tenant.left(id)]).toEqual([before, 0]);
  });

  it("tells what it came to where its time was over meanwhile", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    await begin(tenant, id, "promoting");
    await tenant.expire(id);
    const { state, totals } = await tenant.advance(id);
    expect([state, totals.streamsPromoted, totals.messages]).toEqual(["promoted", 1, 1]);
    expect(await tenant.left(id)).toBe(0);
  });

  it("by two workers at once, as where one was taken for dead, applies each person's part once", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome.", "I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    await begin(tenant, id, "promoting");
    const plan = await planOf(tenant, id);
    const { streamId } = await streamOf(id);
    const both = [0, 1].map(() => tenant.deps.work.promote(plan, { streamId, room: undefined }));
    expect((await Promise.all(both)).toSorted()).toEqual(["gone", "promoted"]);
    await tenant.advance(id);
    const { rows } = await admin<{ memory_id: string }>(
      "select memory_id from mneme.memory_versions where tenant_id = $1 and rule = $2 and outcome <> 'supersede'",
      [tenant.tenant.tenantId, `replay:${id}`],
    );
    expect(new Set(rows.map((row) => row.memory_id)).size).toBe(rows.length);
    expect(await tenant.texts(ADA)).toEqual(["Is a beekeeper.", "The user lives in Rome."]);
  });

  it("is for no team whose grant was taken back since", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    const team = "00000000-0000-7000-8000-000000000001";
    // As of somebody whose grant of the team was taken back since.
    await admin(
      "update mneme.replays set teams = array[$2::uuid], principals = array[$2::uuid] where id = $1",
      [id, team],
    );
    expect((await planOf(tenant, id)).teams).toEqual([]);
  });
});

describe("a late finish", () => {
  it("of a stream that was read on since changes nothing", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    const before = await tenant.told(id);
    const { streamId, through } = await streamOf(id);
    const nothing = { differences: [], changes: [], leftOut: [], liveOf: new Map() };
    await tenant.deps.work.finish(await planOf(tenant, id), { streamId, through: through - 1n }, nothing);
    expect(await tenant.told(id)).toEqual(before);
    expect(before).not.toEqual([]);
  });
});

describe("an outage that does not end", () => {
  it("has what is left given up, and says why", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    await tenant.say(BO, ["I keep bees."], MAY);
    const { id } = await tenant.start(BY_MODEL);
    await tenant.step(id);
    suite.instead = () => replies.status(503);
    const of = { tenantId: tenant.tenant.tenantId, replayId: id };
    await expect(advanceReplay(tenant.deps, of, { forMs: 60_000 })).rejects.toMatchObject({
      reason: "DEPENDENCY_UNAVAILABLE",
    });
    await advanceReplay(tenant.deps, of, { forMs: 60_000, isLastTry: true });
    const { state, totals } = await tenant.advance(id);
    expect([state, totals.streamsFailed]).toEqual(["ready", 2]);
    expect(totals.failures).toEqual([
      { reason: expect.stringContaining("DEPENDENCY_UNAVAILABLE"), count: 2 },
    ]);
  });
});

describe("what has expired", () => {
  it("is in no report any more", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I live in Rome."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    expect(await tenant.told(id)).toHaveLength(1);
    await admin("update mneme.memories set expires_at = now() where tenant_id = $1", [
      tenant.tenant.tenantId,
    ]);
    expect(await tenant.told(id)).toEqual([]);
  });
});

describe("a replay that is promoted", () => {
  it("says so once searches find it", async () => {
    const tenant = await open();
    await tenant.say(ADA, ["I keep bees."], MAY);
    const { id } = await tenant.replay(BY_MODEL);
    await begin(tenant, id, "promoting");
    const freshness = createFreshnessStore(suite.record.database);
    const looks: boolean[] = [];
    const deps = {
      ...tenant.deps,
      freshness: {
        isSearchable: async (...asked: Parameters<typeof freshness.isSearchable>) => {
          const isFound = await freshness.isSearchable(...asked);
          looks.push(isFound);
          expect((await tenant.get(id)).state).toBe("promoting");
          if (looks.length === 2) await tenant.work();
          return isFound;
        },
      },
    };
    const of = { tenantId: tenant.tenant.tenantId, replayId: id };
    await advanceReplay(deps, of, { forMs: 60_000 });
    expect(looks).toEqual([]);
    await advanceReplay(deps, of, { forMs: 60_000 });
    expect(looks).toEqual([false, false, true]);
    expect((await tenant.get(id)).state).toBe("promoted");
    expect(await tenant.findable(ADA)).toContain("Is a beekeeper.");
  });
});
