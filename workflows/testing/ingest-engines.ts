import { createHash, randomUUID } from "node:crypto";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import type { PlacementStore } from "@mneme/core/tenancy/placement.ts";
import { createIndexClient, type IndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations, type Generations } from "@mneme/opensearch/generation.ts";
import { createMemoryIndex, type OpenSearchMemoryIndex } from "@mneme/opensearch/index.ts";
import { putTemplate } from "@mneme/opensearch/template.ts";
import { createPlacements } from "@mneme/postgres/placements.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";

/** The real record and the real index, a suite's own; its tests each take a tenant. */
export interface IngestEngines extends AsyncDisposable {
  readonly record: TestRecord;
  readonly client: IndexClient;
  /** Of the default pool; the pools that tenants were moved to end with the suite as well. */
  readonly generations: Generations;
  readonly placements: PlacementStore;
  readonly index: OpenSearchMemoryIndex;
  readonly embedder: Embedder;
}

export interface IngestEnginesOptions {
  /** How old placements and generations may be. */
  readonly cacheMs?: number;
  /** One by which no two texts are near each other, unless set. */
  readonly embedder?: Embedder;
}

/** Wide enough that no two texts are near each other. */
const DIMENSION = 64;
const APART: Embedder = {
  model: "test-model/1",
  dimension: DIMENSION,
  embed: async (texts) => texts.map(vectorOf),
};

/** @throws Error without MNEME_POSTGRES_URL and MNEME_OPENSEARCH_URL. */
export async function openIngestEngines({
  embedder = APART,
  ...options
}: IngestEnginesOptions = {}): Promise<IngestEngines> {
  const node = process.env.MNEME_OPENSEARCH_URL;
  if (!node) throw new Error("Run these tests with `npm test`, or set MNEME_OPENSEARCH_URL.");
  await using opened = new AsyncDisposableStack();
  const record = opened.use(await openTestRecord("workflows"));
  const client = opened.use(createIndexClient({ node }));
  const pool = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const generations = createGenerations({ client, pool, ...options });
  const placements = createPlacements(record.database.pool, { defaultPool: pool, ...options });
  opened.defer(async () => {
    for (const { index } of await generations.listAll(await placements.pools())) {
      await client.send({ method: "DELETE", path: `/${index}` });
    }
  });
  await putTemplate(client, { shards: 2 });
  await generations.ensure({ model: embedder.model, dimension: embedder.dimension });
  // Other suites take the processors as well: what a search waits for there is no fault of what is tried here.
  const { model } = embedder;
  const index = createMemoryIndex({ client, generations, placements, model, searchTimeoutMs: 10_000 });
  const kept = opened.move();
  return {
    record,
    client,
    generations,
    placements,
    index,
    embedder,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The same text has the same unit vector. */
function vectorOf(text: string): Float32Array {
  const bytes = createHash("shake256", { outputLength: DIMENSION }).update(text).digest();
  const vector = Float32Array.from(bytes, (byte) => byte - 127.5);
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}
