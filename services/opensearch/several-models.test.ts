import { randomUUID } from "node:crypto";
import { MnemeError } from "@mneme/core/errors.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryIndex, type OpenSearchMemoryIndex } from "./index.ts";
import { candidateQuery, memory, openPool, type Pool, unitVector } from "./index-testing.ts";

/** Of another dimension than the pool's own model. */
const OTHER = { model: "other-model/1", dimension: 3 };
const SAME_SIZE = { model: "third-model/1", dimension: 8 };

let pool: Pool;
let index: OpenSearchMemoryIndex;
beforeAll(async () => {
  pool = await openPool();
  await pool.generations.offer([OTHER]);
  index = createMemoryIndex({ ...pool, model: pool.model.model });
});
afterAll(() => pool?.[Symbol.asyncDispose]());

const wide = (...vector: number[]) => ({
  vector: new Float32Array(vector),
  embeddingModel: OTHER.model,
  embedder: "other",
});

describe("vectors of two models in one index", () => {
  const tenantId = randomUUID();
  const ofOther = { projectId: "of other" };

  beforeAll(async () => {
    const failures = await index.write([
      memory({ tenantId, memoryId: "own", text: "bees" }),
      memory({ tenantId, memoryId: "near", text: "bees", ...ofOther, ...wide(1, 0, 0) }),
      memory({ tenantId, memoryId: "far", text: "wasps", ...ofOther, ...wide(0, 1, 0) }),
    ]);
    expect(failures).toEqual([]);
    await index.refresh();
  });

  it("are each searched by its own", async () => {
    const vector = new Float32Array([1, 0, 0]);
    const { candidates } = await index
      .through(OTHER.model)
      .candidates(candidateQuery(tenantId, { vector, keywords: "wasps" }, ofOther));
    expect(candidates.map(({ memoryId, cosine }) => [memoryId, Math.round(cosine * 100)])).toEqual([
      ["near", 100],
      ["far", 0],
    ]);
    const own = await index.candidates(candidateQuery(tenantId));
    expect(own.candidates.map(({ memoryId }) => memoryId)).toEqual(["own"]);
  });

  it("are neighbours among their own alone", async () => {
    const filter = { tenantId, projectId: "of other" };
    const [near] = await index
      .through(OTHER.model)
      .nearest([{ filter, vector: new Float32Array([0, 1, 0]), k: 5 }]);
    expect(near?.map(({ memoryId }) => memoryId)).toEqual(["far", "near"]);
    expect(await index.nearest([{ filter, vector: unitVector(0), k: 5 }])).toEqual([[]]);
  });

  it("are never compared: what keywords find of another model's says so", async () => {
    const asked = candidateQuery(tenantId, { keywords: "bees" }, ofOther);
    await expect(index.candidates(asked)).rejects.toThrow(MnemeError);
    const { candidates } = await index.candidates({ ...asked, vector: undefined });
    expect(candidates.map(({ memoryId }) => memoryId)).toEqual(["near"]);
  });

  it("are written with the document's own, whatever its size", async () => {
    const unknown = { ...wide(1, 0, 0), embeddingModel: "nobody's" };
    const cut = { ...wide(1, 0), embeddingModel: OTHER.model };
    const failures = await index.write([
      memory({ tenantId, memoryId: "unknown", ...unknown }),
      memory({ tenantId, memoryId: "cut", ...cut }),
    ]);
    // A worker that offers it may just be starting.
    expect(failures.map(({ memoryId, retryable }) => [memoryId, retryable])).toEqual([
      ["unknown", true],
      ["cut", true],
    ]);
  });
});

it("gives a new generation, and those that there are, fields for all that are offered", async () => {
  await pool.generations.offer([OTHER, SAME_SIZE]);
  const built = await pool.generations.build({ ...pool.model, others: [OTHER, SAME_SIZE] });
  const all = await pool.generations.list();
  for (const { otherVectors } of all) expect(Object.values(otherVectors).sort()).toEqual([3, 8]);
  expect(built.otherVectors).toEqual(all[0]?.otherVectors);
  await pool.generations.promote(built.generation);
  const [kept] = (await pool.generations.list()).filter(({ generation }) => generation === built.generation);
  expect(kept).toMatchObject({ state: "current", otherVectors: built.otherVectors });
});
