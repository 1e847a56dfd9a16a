import { randomUUID } from "node:crypto";
import type { IndexedMemory, IndexFilter } from "@mneme/core/search/memory-index.ts";
import type { Place } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candidateQuery, memory, openPool, type Pool, unitVector } from "./index-testing.ts";
import { multiSearch } from "./multi-search.ts";
import { tenantAlias } from "./tenant-alias.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool?.[Symbol.asyncDispose]());

/** Writes memories named by the keys, and gives a search that answers with names. */
async function known(memories: Record<string, Partial<IndexedMemory>>) {
  const tenantId = randomUUID();
  const names = new Map<string, string>();
  const documents = Object.entries(memories).map(([name, changes]) => {
    const document = memory({ tenantId, ...changes, window: "bees", entities: ["bees"] });
    names.set(`${document.memoryId}:${document.version}`, name);
    return document;
  });
  expect(await pool.index.write(documents)).toEqual([]);
  await pool.index.refresh();
  return async (filter: Partial<IndexFilter>) => {
    const query = candidateQuery(tenantId, { keywords: "bees", entities: ["bees"], rare: ["bees"] }, filter);
    const { candidates } = await pool.index.candidates(query);
    // All arms carry the same filter, so each of them must have found every candidate.
    for (const each of candidates)
      expect(each).toMatchObject({ bm25: expect.any(Number), entity: 1, rare: ["bees"] });
    return candidates
      .map(({ memoryId, version, layer }) => {
        const name = names.get(`${memoryId}:${version}`);
        return layer ? `${name}: ${layer}` : name;
      })
      .sort();
  };
}

const day = (text: string) => new Date(`${text}T00:00:00Z`);

describe("scope", () => {
  it("restricts by every member that is given, and by none that is not", async () => {
    const search = await known({
      ada: { subjectId: "ada", agentId: "a1", appId: "p1", teamId: "t1", sessionIds: ["s1", "s3"] },
      bob: { subjectId: "bob", agentId: "a1", appId: "p2", teamId: "t2", sessionIds: ["s2", "s3"] },
      shared: { subjectId: undefined, agentId: "a2", audience: "second" },
      elsewhere: { projectId: "other" },
      later: { subjectId: "ada", subjectEpoch: 2 },
    });
    expect(await search({})).toEqual(["ada", "bob", "later", "shared"]);
    expect(await search({ subjectId: "ada" })).toEqual(["ada", "later"]);
    expect(await search({ subjectId: "ada", subjectEpoch: 1 })).toEqual(["ada"]);
    expect(await search({ agentId: "a1" })).toEqual(["ada", "bob"]);
    expect(await search({ agentId: "a1", appId: "p2" })).toEqual(["bob"]);
    expect(await search({ teamId: "t1" })).toEqual(["ada"]);
    expect(await search({ sessionId: "s2" })).toEqual(["bob"]);
    expect(await search({ sessionId: "s3" })).toEqual(["ada", "bob"]);
    expect(await search({ audience: "second" })).toEqual(["shared"]);
    expect(await search({ projectId: "other" })).toEqual(["elsewhere"]);
  });

  it("leaves out what belongs to a team that is not reached", async () => {
    const search = await known({
      own: { subjectId: "ada" },
      sales: { subjectId: "ada", teamId: "sales" },
      support: { teamId: "support" },
    });
    expect(await search({ teams: undefined })).toEqual(["own", "sales", "support"]);
    expect(await search({ teams: [] })).toEqual(["own"]);
    expect(await search({ teams: ["sales"] })).toEqual(["own", "sales"]);
    expect(await search({ teams: ["sales"], teamId: "support" })).toEqual([]);
  });
});

describe("places", () => {
  it("are each enough, name their layer in every arm, and stay behind the teams' fence", async () => {
    const search = await known({
      own: { subjectId: "ada" },
      ownToAgent: { subjectId: "ada", agentId: "a1" },
      ownToOther: { subjectId: "ada", agentId: "a2" },
      others: { subjectId: "bob", agentId: "a1" },
      agents: { subjectId: undefined, agentId: "a1" },
      sales: { subjectId: "bob", teamId: "sales", agentId: "a2" },
      support: { subjectId: undefined, teamId: "support" },
      elsewhere: { projectId: "home", teamId: "all" },
      elsewheresOwn: { subjectId: undefined, projectId: "home", agentId: "a1" },
    });
    const ada = { id: "ada", epoch: 1 };
    const place = { projectId: "project", subject: undefined, agentIds: undefined, appIds: undefined };
    const places: Place[] = [
      { ...place, layer: "user", subject: ada, agentIds: [null], teamIds: [null] },
      { ...place, layer: "user_agent", subject: ada, agentIds: ["a1"], teamIds: [null] },
      { ...place, layer: "agent", subject: null, agentIds: ["a1"], teamIds: [null] },
      { ...place, layer: "team", teamIds: ["sales", "support"] },
      { ...place, layer: "tenant", projectId: "home", teamIds: ["all"] },
    ];
    expect(await search({ places, teams: ["sales", "all"] })).toEqual([
      "agents: agent",
      "elsewhere: tenant",
      "own: user",
      "ownToAgent: user_agent",
      "sales: team",
    ]);
    expect(await search({ places, teams: [] })).toEqual([
      "agents: agent",
      "own: user",
      "ownToAgent: user_agent",
    ]);
  });
});

describe("kind, category, metadata and day", () => {
  it("restricts by kind and category", async () => {
    const search = await known({
      a: { kind: "semantic", category: "pets" },
      b: { kind: "episodic", category: "pets" },
      c: { kind: "procedural", category: "work" },
    });
    expect(await search({ kinds: ["semantic", "procedural"] })).toEqual(["a", "c"]);
    expect(await search({ kinds: ["episodic"], categories: ["work"] })).toEqual([]);
    expect(await search({ categories: ["pets"] })).toEqual(["a", "b"]);
    expect(await search({ kinds: [] })).toEqual([]);
  });

  it("tells strings, numbers and booleans of metadata apart", async () => {
    const long = "v".repeat(50_000);
    const search = await known({
      number: { metadata: { level: 1, "a.b": "dotted", long } },
      text: { metadata: { level: "1", a: "b" } },
      flag: { metadata: { level: true, "level=1": "x" } },
    });
    expect(await search({ metadata: { level: 1 } })).toEqual(["number"]);
    expect(await search({ metadata: { level: "1" } })).toEqual(["text"]);
    expect(await search({ metadata: { level: true } })).toEqual(["flag"]);
    expect(await search({ metadata: { level: 1, "a.b": "dotted" } })).toEqual(["number"]);
    expect(await search({ metadata: { level: 1, a: "b" } })).toEqual([]);
    expect(await search({ metadata: { level: "*" } })).toEqual([]);
    expect(await search({ metadata: { long } })).toEqual(["number"]);
    expect(await search({ metadata: { long: `${long}v` } })).toEqual([]);
  });

  it("restricts by when the source was said, from included, to excluded", async () => {
    const search = await known({
      may: { saidAt: day("2026-05-01") },
      june: { saidAt: day("2026-06-01") },
      often: { saidAt: day("2025-01-01"), saidAgainAt: [day("2025-03-01"), day("2025-02-01")] },
    });
    expect(await search({ saidAfter: day("2025-03-01"), saidBefore: day("2025-03-02") })).toEqual(["often"]);
    expect(await search({ saidAfter: day("2025-02-02"), saidBefore: day("2025-03-01") })).toEqual([]);
    expect(await search({ saidAfter: day("2026-06-01") })).toEqual(["june"]);
    expect(await search({ saidBefore: day("2026-06-01") })).toEqual(["may", "often"]);
    expect(await search({ saidAfter: day("2026-05-01"), saidBefore: day("2026-06-02") })).toEqual([
      "june",
      "may",
    ]);
  });
});

describe("time", () => {
  const year = 365 * 86_400_000;

  it("answers with what is true and known now unless told", async () => {
    const search = await known({
      current: {},
      ending: { validTo: new Date(Date.now() + year) },
      planned: { validFrom: new Date(Date.now() + year) },
      over: { validTo: new Date(Date.now() - 1_000) },
      replaced: { recordedTo: new Date(Date.now() - 1_000) },
      expired: { expiresAt: new Date(Date.now() - 1_000) },
      expiring: { expiresAt: new Date(Date.now() + year) },
    });
    expect(await search({})).toEqual(["current", "ending", "expiring", "planned"]);
  });

  it("answers with what was true then, and with what was known then", async () => {
    const memoryId = randomUUID();
    const search = await known({
      // She lived in Lyon from January. On 10 June we learnt that she had moved to Oslo on 1 May.
      lyonAsFirstKnown: {
        memoryId,
        version: 1,
        validFrom: day("2026-01-01"),
        recordedFrom: day("2026-01-02"),
        recordedTo: day("2026-06-10"),
      },
      lyonEnded: {
        memoryId,
        version: 2,
        validFrom: day("2026-01-01"),
        validTo: day("2026-05-01"),
        recordedFrom: day("2026-06-10"),
      },
      oslo: { validFrom: day("2026-05-01"), recordedFrom: day("2026-06-10") },
      gone: { validFrom: day("2026-01-01"), recordedFrom: day("2026-01-02"), expiresAt: day("2026-07-01") },
    });
    expect(await search({})).toEqual(["oslo"]);
    expect(await search({ asOf: day("2026-03-01") })).toEqual(["lyonEnded"]);
    expect(await search({ asOf: day("2026-05-01") })).toEqual(["oslo"]);
    expect(await search({ asOf: day("2025-12-31") })).toEqual([]);
    expect(await search({ knownAt: day("2026-06-01") })).toEqual(["lyonAsFirstKnown"]);
    expect(await search({ knownAt: day("2026-06-01"), asOf: day("2026-05-15") })).toEqual([
      "lyonAsFirstKnown",
    ]);
    expect(await search({ knownAt: day("2026-06-10"), asOf: day("2026-05-15") })).toEqual(["oslo"]);
    expect(await search({ knownAt: day("2026-01-01") })).toEqual([]);
  });
});

describe("the second fence", () => {
  it("keeps a tenant's alias closed to a search that asks for another tenant", async () => {
    const [victim, thief] = [randomUUID(), randomUUID()];
    const secret = memory({ tenantId: victim, window: "bees", entities: ["bees"] });
    await pool.index.write([secret, memory({ tenantId: thief, window: "wasps" })]);
    await pool.index.refresh();
    const query = candidateQuery(victim, { keywords: "bees", entities: ["bees"], rare: ["bees"] });
    const honest = multiSearch(query, new Date()).lines;
    // The bug: another tenant's id in the filters, the right alias; and even that tenant's shard.
    const head = (routing: string) => `"index":"${tenantAlias(thief)}","routing":"${routing}"`;
    const own = `"index":"${tenantAlias(victim)}","routing":"${victim}"`;
    expect(await hitCounts(honest)).toEqual([1, 1, 1, 1]);
    expect(await hitCounts(honest.replaceAll(own, head(thief)))).toEqual([0, 0, 0, 0]);
    expect(await hitCounts(honest.replaceAll(own, head(victim)))).not.toContain(1);
  });

  async function hitCounts(lines: string) {
    const answer = await pool.client.send<{ responses: { hits?: { hits: unknown[] } }[] }>({
      method: "POST",
      path: "/_msearch",
      lines,
    });
    return answer.body.responses.map((each) => each.hits?.hits.length);
  }
});

describe("times that a query names", () => {
  it("finds what was said in one of them, however far away the rest ranks it", async () => {
    const tenantId = randomUUID();
    const wanted = memory({ tenantId, vector: unitVector(2), window: "bees", saidAt: day("2026-02-10") });
    const edge = memory({ tenantId, vector: unitVector(2), window: "bees", saidAt: day("2026-03-01") });
    const nearer = Array.from({ length: 5 }, () =>
      memory({ tenantId, window: "bees bees bees", saidAt: day("2026-04-01") }),
    );
    expect(await pool.index.write([wanted, edge, ...nearer])).toEqual([]);
    await pool.index.refresh();
    const query = candidateQuery(tenantId, { keywords: "bees", pool: 2 });
    const ids = async (changes: Partial<typeof query>) => {
      const { candidates } = await pool.index.candidates({ ...query, ...changes });
      return candidates.map(({ memoryId }) => memoryId);
    };
    expect(await ids({})).not.toContain(wanted.memoryId);
    const february = { from: day("2026-02-01"), to: day("2026-03-01") };
    const named = await ids({ within: [{ from: day("2025-02-01"), to: day("2025-03-01") }, february] });
    expect(named).toContain(wanted.memoryId);
    expect(named).not.toContain(edge.memoryId);
    const { candidates } = await pool.index.candidates({ ...query, within: [february] });
    expect(candidates.find(({ memoryId }) => memoryId === wanted.memoryId)).toMatchObject({
      cosine: expect.closeTo(Math.cos(2), 1),
      bm25: expect.any(Number),
    });
  });
});
