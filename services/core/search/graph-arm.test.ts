import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Edge } from "../graph/graph.ts";
import { analyzeQuery } from "./analyze-query.ts";
import { fuse } from "./fuse.ts";
import {
  anchorsOf,
  askGraph,
  joinPaths,
  type OnPaths,
  type PathFinder,
  type RecordedCandidate,
  type Surroundings,
  scorePaths,
} from "./graph-arm.ts";
import { candidateOf } from "./search-testing.ts";
import { Stopwatch } from "./stopwatch.ts";

const DANA = [{ name: "Dana", role: "user" }] as const;
const groupsOf = (query: string) => anchorsOf(analyzeQuery(query, { participants: ["Dana"] }), DANA)?.groups;

describe("what a query names", () => {
  it("is what is named, and what is somebody's by all that the asker may be called", () => {
    expect(groupsOf("What did Sarah suggest for my project?")).toEqual([
      ["dana's project", "user's project"],
      ["sarah"],
    ]);
    expect(groupsOf("How are Rust and Postgres related?")).toEqual([
      ["rust and postgres"],
      ["rust"],
      ["postgres"],
    ]);
    expect(groupsOf("What did Sarah suggest to Dana?")).toEqual([["sarah"], ["dana"]]);
  });

  it("is nothing where there are no two ends of a way", () => {
    expect(groupsOf("What did Sarah suggest?")).toBeUndefined();
    expect(groupsOf("What is my project?")).toBeUndefined();
    expect(groupsOf("Where does Dana live?")).toBeUndefined();
    expect(groupsOf("What is Dana's project?")).toBeUndefined();
  });
});

const at = new Date("2026-03-01T10:00:00Z");
const edge = (text: string): Edge => {
  const [memoryId = "", sourceId = "", targetId = ""] = text.split(" ");
  const times = { validFrom: at, validTo: undefined, recordedFrom: at, recordedTo: undefined };
  return { id: memoryId, memoryId, sourceId, type: "likes", targetId, ...times };
};
/** "m1 sarah rust": a memory and what it connects; a name is its own id. */
function scores(groups: readonly string[], ...edges: readonly string[]) {
  const names = [...groups, "dana"];
  const around = {
    idsOf: new Map(names.map((name) => [name, [name]])),
    edges: edges.map(edge),
    entityOf: new Map<string, string>(),
  };
  return Object.fromEntries(scorePaths(around, { groups: groups.map((name) => [name]), speakers: ["dana"] }));
}

describe("ways", () => {
  it("count most where two memories make one that neither tells", () => {
    expect(scores(["sarah", "project"], "m1 sarah rust", "m2 rust project", "m3 sarah tea")).toEqual({
      m1: 1,
      m2: 1,
    });
    expect(scores(["sarah", "project"], "m1 sarah project")).toEqual({ m1: 0.5 });
  });

  it("count less the more there are, and nothing through whoever speaks or beyond three steps", () => {
    const two = scores(
      ["sarah", "project"],
      "m1 sarah rust",
      "m2 rust project",
      "m3 sarah go",
      "m4 go project",
    );
    expect(two.m1).toBeCloseTo(1 / Math.SQRT2);
    expect(scores(["sarah", "project"], "m1 sarah dana", "m2 dana project")).toEqual({});
    expect(scores(["a", "b"], "m1 a x", "m2 x y", "m3 y z", "m4 z b")).toEqual({});
  });
});

const recorded = (memoryId: string, more: Partial<RecordedCandidate> = {}): RecordedCandidate => {
  const { cosine: _, ...rest } = candidateOf(memoryId, 0);
  return {
    ...rest,
    category: "work",
    metadata: { team: "a" },
    vector: new Float32Array([0.6, 0.8]),
    embeddingModel: "test",
    ...more,
  };
};
const onPaths = (...candidates: readonly RecordedCandidate[]): OnPaths => {
  return { scores: new Map(candidates.map(({ memoryId }) => [memoryId, 1])), candidates, degraded: [] };
};
const query = { vector: new Float32Array([1, 0]), model: "test" };

describe("candidates", () => {
  it("get a term of the graph, and those that no other arm found join with their own cosine", () => {
    const joined = joinPaths(
      [candidateOf("known", 0.5), candidateOf("off", 0.4)],
      onPaths(recorded("known"), recorded("new")),
      {},
      query,
    );
    expect(joined.map(({ memoryId, cosine, graph }) => [memoryId, Number(cosine.toFixed(3)), graph])).toEqual(
      [
        ["known", 0.5, 1],
        ["off", 0.4, undefined],
        ["new", 0.6, 1],
      ],
    );
    const ranked = fuse(joined, analyzeQuery("q", { participants: [] }), { now: at });
    expect(ranked.map(({ candidate, parts }) => [candidate.memoryId, parts.graph])).toEqual([
      ["new", 0.5],
      ["known", 0.5],
      ["off", 0],
    ]);
  });

  it("join only as far as the search's filter lets them, and with a cosine of their own model alone", () => {
    const one = onPaths(recorded("new"));
    const ids = (filter: Parameters<typeof joinPaths>[2]) => joinPaths([], one, filter, query).length;
    expect([ids({ categories: ["work"] }), ids({ categories: ["food"] })]).toEqual([1, 0]);
    expect([ids({ metadata: { team: "a" } }), ids({ metadata: { team: "b" } })]).toEqual([1, 0]);
    expect([ids({ kinds: ["semantic"] }), ids({ kinds: ["episodic"] })]).toEqual([1, 0]);
    expect([ids({ saidBefore: at }), ids({ saidAfter: at })]).toEqual([0, 1]);
    const other = onPaths(recorded("new", { embeddingModel: "other" }));
    expect(joinPaths([], other, {}, query)[0]?.cosine).toBe(0);
  });
});

describe("a graph that does not answer", () => {
  const command = {
    scope: { userId: "dana" },
    query: "What did Sarah suggest for my project?",
    filter: {},
    ranking: {},
    limit: 5,
    tokenBudget: 200,
    atLeastAsFresh: "",
  };
  const ids = {
    subject: undefined,
    agentId: undefined,
    appId: undefined,
    teamId: undefined,
    sessionId: undefined,
  };
  const finderOf = (around: (signal?: AbortSignal) => Promise<Surroundings>): PathFinder => ({
    around: (_, __, ___, given) => around(given),
    candidates: async () => [],
  });
  const ask = (around: (signal?: AbortSignal) => Promise<never>, signal?: AbortSignal) =>
    askFinder(finderOf(around), signal);
  const askFinder = (finder: PathFinder, signal?: AbortSignal) =>
    askGraph(
      finder,
      { tenantId: "t", projectId: "p" },
      command,
      { ids, participants: DANA },
      analyzeQuery(command.query, { participants: ["Dana"] }),
      new Stopwatch(),
      signal,
    );
  const waiting = (signal?: AbortSignal) =>
    new Promise<never>((_, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    });

  it("is gone without, and said", async () => {
    expect((await ask(waiting)).degraded).toMatchObject([{ part: "graph" }]);
  });

  it("is waited for longer until it has answered once, as after a start", async () => {
    const nothing = { idsOf: new Map(), edges: [], entityOf: new Map() };
    const finder = finderOf(
      (signal) => Promise.race([setTimeout(300, nothing), waiting(signal)]) as Promise<Surroundings>,
    );
    expect((await askFinder(finder)).degraded).toEqual([]);
    expect((await askFinder(finder)).degraded).toMatchObject([{ part: "graph" }]);
  });

  it("fails with the call that hung up, and with what nobody foresaw", async () => {
    await expect(ask(waiting, AbortSignal.abort(new Error("hung up")))).rejects.toThrow("hung up");
    await expect(ask(() => Promise.reject(new TypeError("broken")))).rejects.toThrow("broken");
  });
});
