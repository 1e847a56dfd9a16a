import { expect, it } from "vitest";
import { contentOf } from "../extraction/content-testing.ts";
import { type LiveMemory, reportOn } from "./report-on.ts";
import type { ShadowMemory } from "./shadow-memory.ts";

const NOW = new Date("2026-06-01T00:00:00Z");
const ids = {
  subject: undefined,
  agentId: undefined,
  appId: undefined,
  teamId: undefined,
  sessionId: undefined,
};

function shadow(id: string, text: string, more: Partial<ShadowMemory> = {}, expiresAt?: Date): ShadowMemory {
  return {
    id,
    audience: "a",
    ids,
    apiKeyId: undefined,
    extractionId: "e",
    content: { ...contentOf(text, "1"), expiresAt },
    embeddingModel: "m",
    sessionIds: [],
    extractor: { name: "small", version: "1" },
    isGiven: false,
    rule: "new",
    ended: undefined,
    ...more,
  };
}

function endedAt(memory: ShadowMemory, at: Date): ShadowMemory {
  const { statement } = memory.content;
  const valid = { ...statement.valid, to: at };
  const content = { ...memory.content, statement: { ...statement, valid } };
  return { ...memory, content, ended: { at, by: "s9", rule: "slot:lives_in" } };
}

/** As if the shadow had been what ingest read. */
function live(id: string, text: string, more: Partial<LiveMemory> = {}): LiveMemory {
  const { statement, features, vector } = contentOf(text, "1");
  return {
    id,
    audience: "a",
    ...statement,
    validFrom: statement.valid.from ?? features.saidAt,
    validTo: statement.valid.to,
    vector,
    embeddingModel: "other",
    messageIds: ["1"],
    version: 1,
    isEnded: false,
    replacedBy: undefined,
    leftOut: undefined,
    hasFeedback: false,
    ...more,
  };
}

const told = (...args: Parameters<typeof reportOn>) =>
  reportOn(...args).differences.map(({ change, live: one, shadow: other }) => [change, one?.id ?? other?.id]);

it("counts what is the same, and tells of everything else", () => {
  const report = reportOn(
    [live("l1", "Ada sings."), live("l2", "Ada rows.")],
    [shadow("s1", "Ada sings."), shadow("s2", "Ada keeps bees.")],
    NOW,
  );
  expect(report.changes.map(({ change, count }) => [change, count])).toEqual([
    ["same", 1],
    ["added", 1],
    ["removed", 1],
  ]);
  expect(report.liveOf).toEqual(new Map([["s1", "l1"]]));
});

it("says nothing of what is left out, given, or has expired", () => {
  const byHand = live("l1", "Ada sings.", { leftOut: "changed_by_hand", sources: [] });
  const all = [
    shadow("s1", "Ada sings."),
    shadow("s2", "Ada was born in Oslo.", { isGiven: true }),
    shadow("s3", "Ada is tired.", {}, new Date("2026-05-01T00:00:00Z")),
  ];
  expect(told([byHand], all, NOW)).toEqual([]);
  expect(reportOn([byHand], all, NOW).leftOut).toEqual([{ reason: "changed_by_hand", count: 1 }]);
});

it("finds no end that a replay can't read, and takes none back", () => {
  const over = { isEnded: true, replacedBy: "l2", validTo: new Date("2026-05-01T00:00:00Z") };
  const rome = live("l1", "Ada lives in Rome.", over);
  const changed = (all: readonly LiveMemory[], retold: ShadowMemory) =>
    reportOn(all, [retold], NOW)
      .differences.filter(({ change }) => change === "changed")
      .map(({ fields, isKept }) => [fields, isKept]);
  const same = shadow("s1", "Ada lives in Rome.");
  const later = endedAt(same, new Date("2026-05-03T00:00:00Z"));
  const byHand = live("l2", "Ada lives in Oslo.", { leftOut: "changed_by_hand" });
  const readable = live("l2", "Ada keeps bees.");
  expect(changed([rome], same)).toEqual([]);
  expect(changed([rome], later)).toEqual([]);
  expect(changed([rome, byHand], same)).toEqual([]);
  expect(changed([{ ...rome, category: "home" }], same)).toEqual([[["category"], true]]);
  expect(changed([rome, readable], same)).toEqual([[["valid_to"], false]]);
});

it("adds nothing in other words where somebody has changed or rated what is known", () => {
  const sources = [{ messageId: "1", start: 0, end: 10 }];
  const retold = shadow("s", "Ada lives by the river.");
  for (const more of [{ leftOut: "changed_by_hand" as const }, { hasFeedback: true }]) {
    const known = live("l", "Ada has a house.", { ...more, sources });
    expect(told([known], [retold], NOW).filter(([change]) => change === "added")).toEqual([]);
  }
  expect(told([live("l", "Ada has a house.", { sources })], [retold], NOW)).toHaveLength(2);
});
