import { randomUUID } from "node:crypto";
import { scorePaths } from "@mneme/core/search/graph-arm.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSearchStore } from "../search-store.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { type Told, tell } from "./graph-testing.ts";
import { createPathFinder } from "./path-finder.ts";

describe("path finder", () => {
  let record: TestRecord;
  beforeAll(async () => {
    record = await openTestRecord("paths");
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const say = (scope: Scope, ...told: readonly Told[]) => tell(record, record.tenant, scope, told);
  /** The memories on the ways between two names, by their words. */
  async function between(
    scope: Scope,
    groups: readonly string[],
    times: { asOf?: Date; knownAt?: Date } = {},
  ) {
    const found = await createSearchStore(record.database).resolve(record.tenant, scope);
    if (!found) return [];
    const reading = { ids: found.ids, asOf: times.asOf, knownAt: times.knownAt };
    const finder = createPathFinder(record.database);
    const around = await finder.around(record.tenant, reading, groups);
    const scores = scorePaths(around, { groups: groups.map((name) => [name]), speakers: [] });
    const candidates = await finder.candidates(record.tenant, reading, [...scores.keys()]);
    expect(
      candidates.every(({ vector, embeddingModel }) => vector?.length === 2 && embeddingModel === "test"),
    ).toBe(true);
    const { rows } = await record.admin.query<{ type: string }>(
      "select type from mneme.relations where memory_id = any ($1) order by type",
      [candidates.map(({ memoryId }) => memoryId)],
    );
    return rows.map(({ type }) => type);
  }

  const SARAH: Told = {
    text: "Sarah recommended Rust.",
    names: ["Sarah"],
    relations: ["Sarah > recommended > Rust"],
  };
  const PROJECT: Told = { text: "The project is in Rust.", relations: ["Rust > used_for > Dana's project"] };
  const ENDS = ["sarah", "dana's project"];

  it("finds what no single memory says", async () => {
    const scope = { userId: randomUUID() };
    await say(scope, SARAH, PROJECT, {
      text: "Tom likes Go.",
      names: ["Tom"],
      relations: ["Tom > likes > Go"],
    });
    expect(await between(scope, ENDS)).toEqual(["recommended", "used_for"]);
    expect(await between(scope, ["tom", "dana's project"])).toEqual([]);
  });

  it("goes three steps, and over names that are one", async () => {
    const scope = { userId: randomUUID() };
    await say(
      scope,
      {
        text: "Sarah Chen knows Tom.",
        names: ["Sarah Chen", "Tom"],
        relations: ["Sarah Chen > knows > Tom"],
      },
      { text: "Tom, also called Tommy.", names: ["Tom", "Tommy"], relations: ["Tom > also_called > Tommy"] },
      { text: "Tommy recommended Rust.", names: ["Tommy"], relations: ["Tommy > recommended > Rust"] },
      { text: "Sarah is here.", names: ["Sarah"] },
      PROJECT,
    );
    expect(await between(scope, ENDS)).toEqual(["knows", "recommended", "used_for"]);
  });

  it("shows nobody the way over another's memory, and none over an expired one", async () => {
    const [mine, theirs] = [{ userId: randomUUID() }, { userId: randomUUID() }];
    await say(mine, SARAH);
    await say(theirs, PROJECT);
    expect(await between(mine, ENDS)).toEqual([]);
    await say(mine, PROJECT);
    expect(await between(mine, ENDS)).toHaveLength(2);
    await record.admin.query(
      `update mneme.memories set expires_at = now() where id in (select r.memory_id from mneme.relations r
       where r.type = 'used_for' and r.subject_id = (select max(subject_id::text)::uuid from mneme.relations
         where type = 'recommended' and recorded_from = (select max(recorded_from) from mneme.relations where type = 'recommended')))`,
    );
    expect(await between(mine, ENDS)).toEqual([]);
  });

  it("goes the ways of another time", async () => {
    const scope = { userId: randomUUID() };
    const validTo = new Date("2022-01-01T00:00:00Z");
    await say(
      scope,
      { ...SARAH, validFrom: new Date("2020-01-01T00:00:00Z"), validTo },
      {
        ...PROJECT,
        validFrom: new Date("2019-01-01T00:00:00Z"),
      },
    );
    expect(await between(scope, ENDS)).toEqual([]);
    expect(await between(scope, ENDS, { asOf: new Date("2021-01-01T00:00:00Z") })).toHaveLength(2);
  });
});
