import { randomUUID } from "node:crypto";
import type {
  CandidateQuery,
  IndexedMemory,
  IndexFilter,
  IndexGeneration,
  NewGeneration,
} from "@mneme/core/search/memory-index.ts";
import { createIndexClient, type IndexClient } from "./client.ts";
import { createGenerations } from "./generation.ts";
import { createMemoryIndex } from "./index.ts";
import { putTemplate } from "./template.ts";

/** Dimension of the vectors that these tests make. */
export const DIMENSION = 8;
/** What those of `memory` are made with. */
const MODEL = "test-model/1";

/** The engine that the suite was given. */
export function openSearchUrl(): string {
  const url = process.env.MNEME_OPENSEARCH_URL;
  if (url === undefined || url === "") {
    throw new Error("MNEME_OPENSEARCH_URL is not set: start OpenSearch with k-NN and give its address");
  }
  return url;
}

/** A pool of its own for one suite, with its first generation; disposal deletes its indices. */
export async function openPool(options: { cacheMs?: number; model?: NewGeneration } = {}) {
  const model = options.model ?? { model: MODEL, dimension: DIMENSION };
  const client = createIndexClient({ node: openSearchUrl() });
  const pool = `test${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const generations = createGenerations({ client, pool, cacheMs: options.cacheMs ?? 200 });
  await putTemplate(client, { shards: 2 });
  await generations.ensure(model);
  return {
    client,
    generations,
    model,
    index: createMemoryIndex({ client, generations, model: model.model }),
    async [Symbol.asyncDispose]() {
      for (const { index } of await generations.list())
        await client.send({ method: "DELETE", path: `/${index}` });
      await client[Symbol.asyncDispose]();
    },
  };
}

/** Makes a generation one that a process of another version of the mapping created. */
export async function rebrand(client: IndexClient, generation: IndexGeneration, schema: number) {
  const path = `/${generation.index}/_mapping`;
  const { body } = await client.send<Record<string, { mappings: { _meta: object } }>>({
    method: "GET",
    path,
  });
  const _meta = { ...body[generation.index]?.mappings._meta, schema };
  const { status } = await client.send({ method: "PUT", path, body: { _meta } });
  if (status !== 200) throw new Error(`the engine answered ${status}`);
}

export type Pool = Awaited<ReturnType<typeof openPool>>;

/** A unit vector of `DIMENSION` around an angle: near angles are near in cosine. */
export function unitVector(angle: number): Float32Array {
  const vector = new Float32Array(DIMENSION);
  vector[0] = Math.cos(angle);
  vector[1] = Math.sin(angle);
  return vector;
}

/** A memory with whatever the test cares for. */
export function memory(changes: Partial<IndexedMemory> & { readonly tenantId: string }): IndexedMemory {
  const text = changes.text ?? "Ada keeps bees on the roof.";
  return {
    projectId: "project",
    memoryId: randomUUID(),
    version: 1,
    revision: 1,
    subjectId: "subject",
    subjectEpoch: 1,
    agentId: undefined,
    appId: undefined,
    teamId: undefined,
    audience: "nobody",
    sessionIds: [],
    text,
    window: text,
    language: "en",
    embedder: undefined,
    vector: unitVector(0),
    embeddingModel: MODEL,
    kind: "semantic",
    category: "general",
    origin: "stated",
    confidence: 0.9,
    importance: 0.5,
    entities: [],
    speaker: "ada",
    role: "user",
    isQuestion: false,
    hasTime: false,
    saidAt: new Date("2026-03-01T10:00:00Z"),
    saidAgainAt: [],
    validFrom: new Date("2026-03-01T10:00:00Z"),
    validTo: undefined,
    recordedFrom: new Date("2026-03-01T10:00:05Z"),
    recordedTo: undefined,
    expiresAt: undefined,
    metadata: {},
    ...changes,
  };
}

/** A search that finds everything of the tenant, nearest to angle 0 first. */
export function candidateQuery(
  tenantId: string,
  changes: Partial<CandidateQuery> = {},
  filter: Partial<IndexFilter> = {},
): CandidateQuery {
  return {
    filter: { tenantId, projectId: "project", ...filter },
    vector: unitVector(0),
    keywords: "",
    entities: [],
    pool: 50,
    ...changes,
  };
}
