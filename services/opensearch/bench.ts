/**
 * Fills an index with synthetic memories and times `candidates` beside the same `_msearch` bodies sent by
 * plain `fetch`.
 *
 *   MNEME_OPENSEARCH_URL=http://127.0.0.1:9200 node services/opensearch/bench.ts [documents] [pool name]
 *
 * With a pool name the filled index stays and is used again; without one it is deleted at the end.
 */
import { randomUUID } from "node:crypto";
import type { CandidateQuery, IndexedMemory } from "@mneme/core/search/memory-index.ts";
import { ANSWER_FIELDS } from "./candidates.ts";
import { createIndexClient } from "./client.ts";
import { createGenerations } from "./generation.ts";
import { createMemoryIndex } from "./index.ts";
import { multiSearch } from "./multi-search.ts";
import { putTemplate } from "./template.ts";

const DIMENSION = 384;
const TENANTS = 50;
const PEOPLE = 20;
const VOCABULARY = 30_000;
const CENTRES = 500;
const MODEL = { model: "bench/1", dimension: DIMENSION };

const url = process.env.MNEME_OPENSEARCH_URL;
if (url === undefined) throw new Error("MNEME_OPENSEARCH_URL is not set");
const documents = Number(process.argv[2] ?? 100_000);
const kept = process.argv[3];

const random = mulberry32(7);
const centres = Array.from({ length: CENTRES }, () => gaussian(1));
const tenants = Array.from({ length: TENANTS }, (_, i) => deterministicId(i));
const words = zipf(VOCABULARY);

await using client = createIndexClient({ node: url });
const generations = createGenerations({ client, pool: kept ?? `bench${randomUUID().slice(0, 8)}` });
const index = createMemoryIndex({ client, generations, model: MODEL.model });
await putTemplate(client);
const current = await generations.ensure(MODEL);
await fill();
await measure("alone", 1, 1_000);
await measure("8 clients", 8, 3_000);
if (kept === undefined) await client.send({ method: "DELETE", path: `/${current.index}` });

async function fill() {
  const counts = await Promise.all(tenants.map((tenantId) => index.count({ tenantId })));
  if (counts.reduce((sum, [first]) => sum + (first?.documents ?? 0), 0) >= documents) return;
  const started = performance.now();
  for (let from = 0; from < documents; from += 1_000) {
    const batch = Array.from({ length: Math.min(1_000, documents - from) }, (_, i) => memory(from + i));
    const failures = await index.write(batch);
    if (failures.length > 0) throw new Error(`${failures.length} writes failed, ${failures[0]?.type}`);
  }
  await index.refresh();
  const seconds = (performance.now() - started) / 1_000;
  print(`filled ${documents} documents at ${Math.round(documents / seconds)}/s`);
}

async function measure(name: string, clients: number, searches: number) {
  const ours = (query: CandidateQuery) => index.candidates(query).then((found) => found.candidates.length);
  // Turn about, so that neither profits from a warmer engine.
  for (const timed of [false, true]) {
    const rounds = timed ? 4 : 1;
    const raw: number[] = [];
    const adapter: number[] = [];
    const walls = { raw: 0, adapter: 0 };
    for (let round = 0; round < rounds; round++) {
      walls.raw += await drive(clients, searches / rounds / 2, rawSearch, raw);
      walls.adapter += await drive(clients, searches / rounds / 2, ours, adapter);
    }
    if (!timed) continue;
    report(`${name}, raw _msearch`, raw, walls.raw);
    report(`${name}, candidates()`, adapter, walls.adapter);
    print(
      `${name}: p95 of candidates() is ${(quantile(adapter, 0.95) / quantile(raw, 0.95)).toFixed(2)} x raw`,
    );
  }
}

/** @returns milliseconds it took in all. */
async function drive(
  clients: number,
  searches: number,
  search: (query: CandidateQuery) => Promise<number>,
  times: number[],
) {
  let left = searches;
  const queries = Array.from({ length: searches }, randomQuery);
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left > 0) {
        const query = queries[--left] as CandidateQuery;
        const begun = performance.now();
        await search(query);
        times.push(performance.now() - begun);
      }
    }),
  );
  return performance.now() - started;
}

async function rawSearch(query: CandidateQuery): Promise<number> {
  const { lines } = multiSearch(query, new Date());
  const response = await fetch(`${url}/_msearch?filter_path=${ANSWER_FIELDS}`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body: lines,
  });
  const body = (await response.json()) as { responses: unknown[] };
  return body.responses.length;
}

function randomQuery(): CandidateQuery {
  const tenantId = pick(tenants);
  return {
    filter: { tenantId, projectId: "project", subjectId: `person-${Math.floor(random() * PEOPLE)}` },
    vector: near(pick(centres)),
    keywords: Array.from({ length: 5 }, words).join(" "),
    entities: random() < 0.5 ? [`entity ${Math.floor(random() * 200)}`] : [],
    pool: 100,
  };
}

function memory(i: number): IndexedMemory {
  const text = Array.from({ length: 12 }, words).join(" ");
  const saidAt = new Date(Date.UTC(2026, 0, 1) + i * 60_000);
  return {
    tenantId: tenants[i % TENANTS] as string,
    projectId: "project",
    memoryId: randomUUID(),
    version: 1,
    revision: 1,
    subjectId: `person-${Math.floor(random() * PEOPLE)}`,
    subjectEpoch: 1,
    agentId: undefined,
    appId: undefined,
    teamId: undefined,
    audience: "nobody",
    sessionIds: [`session-${Math.floor(i / 200)}`],
    text,
    window: `${text} ${Array.from({ length: 36 }, words).join(" ")}`,
    language: "en",
    embedder: undefined,
    vector: near(pick(centres)),
    embeddingModel: MODEL.model,
    kind: "semantic",
    category: "general",
    origin: "stated",
    confidence: 0.9,
    importance: 0.5,
    entities: [`entity ${Math.floor(random() * 200)}`],
    speaker: "someone",
    role: "user",
    isQuestion: false,
    hasTime: false,
    saidAt,
    saidAgainAt: [],
    validFrom: saidAt,
    validTo: undefined,
    recordedFrom: saidAt,
    recordedTo: undefined,
    expiresAt: undefined,
    metadata: { source: "bench" },
  };
}

function report(name: string, times: readonly number[], wallMs: number) {
  const rate = (times.length / wallMs) * 1_000;
  const figures = [0.5, 0.95, 0.99].map((q) => `p${q * 100} ${quantile(times, q).toFixed(1)} ms`);
  print(`${name}: ${figures.join(", ")}, ${rate.toFixed(0)} searches/s`);
}

function quantile(times: readonly number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function print(line: string) {
  process.stdout.write(`${line}\n`);
}

function pick<T>(values: readonly T[]): T {
  return values[Math.floor(random() * values.length)] as T;
}

/** A unit vector at a cosine of about .7 from the centre. */
function near(centre: Float32Array): Float32Array {
  const noise = gaussian(1);
  return unit(noise.map((value, i) => value + (centre[i] ?? 0)));
}

function gaussian(scale: number): Float32Array {
  const vector = new Float32Array(DIMENSION);
  for (let i = 0; i < DIMENSION; i++) {
    vector[i] = scale * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }
  return unit(vector);
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Draws words by Zipf's law: the r-th most frequent with weight 1/r. */
function zipf(size: number): () => string {
  const sums = new Float64Array(size);
  let sum = 0;
  for (let i = 0; i < size; i++) {
    sum += 1 / (i + 1);
    sums[i] = sum;
  }
  return () => {
    const wanted = random() * sum;
    let low = 0;
    let high = size - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return `word${low}`;
  };
}

function deterministicId(i: number): string {
  return `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`;
}

/** A small seeded generator: the same documents and questions in every run. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
