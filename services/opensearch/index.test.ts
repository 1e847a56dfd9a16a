import { randomUUID } from "node:crypto";
import type { CandidateQuery, IndexFilter } from "@mneme/core/search/memory-index.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memory, openPool, type Pool, unitVector } from "./index-testing.ts";

let pool: Pool;
beforeAll(async () => {
  pool = await openPool();
});
afterAll(() => pool[Symbol.asyncDispose]());

function query(tenantId: string, changes: Partial<CandidateQuery> = {}, filter: Partial<IndexFilter> = {}) {
  return {
    filter: { tenantId, projectId: "project", ...filter },
    vector: unitVector(0),
    keywords: "",
    entities: [],
    pool: 50,
    ...changes,
  };
}

describe("writing", () => {
  it("finds what was written, with everything fusion needs", async () => {
    const tenantId = randomUUID();
    const written = memory({
      tenantId,
      vector: unitVector(0.3),
      kind: "episodic",
      origin: "inferred",
      confidence: 0.83,
      importance: 0.25,
      speaker: "zoë",
      role: "assistant",
      isQuestion: true,
      hasTime: true,
    });
    expect(await pool.index.write([written])).toEqual([]);
    await pool.index.refresh();
    const { candidates, tookMs } = await pool.index.candidates(query(tenantId));
    expect(candidates).toEqual([
      {
        memoryId: written.memoryId,
        version: 1,
        cosine: expect.closeTo(Math.cos(0.3), 5),
        bm25: 0,
        entity: 0,
        kind: "episodic",
        origin: "inferred",
        confidence: 0.83,
        importance: 0.25,
        speaker: "zoë",
        role: "assistant",
        isQuestion: true,
        hasTime: true,
        saidAt: written.saidAt,
      },
    ]);
    expect(tookMs).toBeGreaterThanOrEqual(0);
  });
});
