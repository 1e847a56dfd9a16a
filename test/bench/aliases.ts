import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { CandidateQuery, IndexedMemory } from "@mneme/core/search/memory-index.ts";
import { ROOT } from "@mneme/local/config.ts";
import { engineStarters } from "@mneme/local/engines.ts";
import { Supervisor } from "@mneme/local/supervise.ts";
import { ANSWER_FIELDS } from "@mneme/opensearch/candidates.ts";
import { createIndexClient } from "@mneme/opensearch/client.ts";
import { createGenerations } from "@mneme/opensearch/generation.ts";
import { createMemoryIndex } from "@mneme/opensearch/index.ts";
import { multiSearch } from "@mneme/opensearch/multi-search.ts";
import { putTemplate } from "@mneme/opensearch/template.ts";
import { moveTenantAliases, tenantAlias } from "@mneme/opensearch/tenant-alias.ts";
import { percentile, spread, timed } from "./harness/figures.ts";

/**
 * `npm run bench:aliases [COUNT,COUNT...]`: what the aliases of so many further tenants cost a pool. The same searches go
 * through a tenant's alias and straight to the index with the filter alone, in turn; on an OpenSearch of its own.
 */
const COUNTS = (process.argv[2] ?? "0,1000,10000").split(",").map(Number);
const MODEL = { model: "bench/1", dimension: 384 };
const TENANTS = Array.from({ length: 20 }, () => randomUUID());
const DOCUMENTS_A_TENANT = 500;
const WORDS = Array.from({ length: 5_000 }, (_, i) => `word${i}`);
const ADDED = 20;
const SEARCHES = 400;
const WARM_UP = 1_500;
const ALIASES_AT_ONCE = 1_000;

const dataDir = join(ROOT, ".mneme-bench", "aliases");
await rm(dataDir, { recursive: true, force: true });
await using supervisor = await Supervisor.open(dataDir);
const { url } = await engineStarters({ dataDir, external: {} }, supervisor).opensearch({
  onLine: console.error,
});
await using client = createIndexClient({ node: url });
const generations = createGenerations({ client, pool: "bench" });
const index = createMemoryIndex({ client, generations, model: MODEL.model });
await putTemplate(client);
const first = await generations.ensure(MODEL);
const second = await generations.build(MODEL);
await fill();
await searchBoth(WARM_UP);

let aliased = 0;
for (const count of COUNTS) {
  for (; aliased < count; aliased += ALIASES_AT_ONCE)
    await addAliases(Math.min(ALIASES_AT_ONCE, count - aliased));
  await measure(count);
}

async function measure(count: number): Promise<void> {
  const { json, gzip } = await stateBytes();
  const adding: number[] = [];
  for (let i = 0; i < ADDED; i += 1) adding.push(await timed(() => index.ensureTenant(randomUUID())));
  const there = await timed(() => moveTenantAliases(client, first.index, second.index));
  const back = await timed(() => moveTenantAliases(client, second.index, first.index));
  await searchBoth(WARM_UP / 5);
  const { alias, direct } = await searchBoth(SEARCHES);
  const ratio = (p: number) => (percentile(alias, p) / percentile(direct, p)).toFixed(2);
  console.log(`\n${count} further tenants' aliases`);
  console.log(`cluster state   ${kib(json)} of JSON, ${kib(gzip)} compressed`);
  console.log(`add one         ${spread(adding)}`);
  console.log(`swap all        ${there.toFixed(0)} ms, back ${back.toFixed(0)} ms`);
  console.log(`by alias        ${spread(alias)}`);
  console.log(`by index        ${spread(direct)}`);
  console.log(`ratio           p50 ${ratio(50)}  p95 ${ratio(95)}`);
}

/** What the cluster manager keeps of all indices, and sends to every node. */
async function stateBytes(): Promise<{ readonly json: number; readonly gzip: number }> {
  const text = await (await fetch(`${url}/_cluster/state/metadata`)).text();
  return { json: Buffer.byteLength(text), gzip: gzipSync(text).length };
}

async function addAliases(count: number): Promise<void> {
  const actions = Array.from({ length: count }, () => {
    const tenantId = randomUUID();
    const filter = { term: { tenant_id: tenantId } };
    return { add: { index: first.index, alias: tenantAlias(tenantId), routing: tenantId, filter } };
  });
  const timeoutMs = 120_000;
  const { status } = await client.send({ method: "POST", path: "/_aliases", body: { actions }, timeoutMs });
  if (status !== 200) throw new Error(`the engine answered ${status}`);
}

/** Each search by its alias and by the index, in turn, so that neither profits from a warmer engine. */
async function searchBoth(times: number): Promise<{ readonly alias: number[]; readonly direct: number[] }> {
  const alias: number[] = [];
  const direct: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const tenantId = TENANTS[i % TENANTS.length] as string;
    const { lines } = multiSearch(question(tenantId), new Date());
    const straight = lines.replaceAll(`"index":"${tenantAlias(tenantId)}"`, `"index":"${first.index}"`);
    const both = [() => send(lines, alias), () => send(straight, direct)];
    for (const search of i % 2 ? both : both.reverse()) await search();
  }
  return { alias, direct };
}

async function send(lines: string, times: number[]): Promise<void> {
  const search = () =>
    client.send({ method: "POST", path: "/_msearch", query: { filter_path: ANSWER_FIELDS }, lines });
  times.push(await timed(search));
}

function question(tenantId: string): CandidateQuery {
  return {
    filter: { tenantId, projectId: "project" },
    vector: vector(),
    keywords: words(5),
    entities: [words(1)],
    pool: 100,
  };
}

async function fill(): Promise<void> {
  for (const tenantId of TENANTS) {
    const failures = await index.write(Array.from({ length: DOCUMENTS_A_TENANT }, () => memory(tenantId)));
    if (failures.length > 0) throw new Error(`${failures.length} writes failed: ${failures[0]?.type}`);
  }
  await index.refresh();
}

function memory(tenantId: string): IndexedMemory {
  const text = words(12);
  const now = new Date();
  return {
    tenantId,
    projectId: "project",
    memoryId: randomUUID(),
    version: 1,
    revision: 1,
    subjectId: "person",
    subjectEpoch: 1,
    agentId: undefined,
    appId: undefined,
    teamId: undefined,
    audience: "nobody",
    sessionIds: [],
    text,
    window: `${text} ${words(36)}`,
    language: "en",
    embedder: undefined,
    vector: vector(),
    embeddingModel: MODEL.model,
    kind: "semantic",
    category: "general",
    origin: "stated",
    confidence: 0.9,
    importance: 0.5,
    entities: [words(1)],
    speaker: undefined,
    role: "user",
    isQuestion: false,
    hasTime: false,
    saidAt: now,
    saidAgainAt: [],
    validFrom: now,
    validTo: undefined,
    recordedFrom: now,
    recordedTo: undefined,
    expiresAt: undefined,
    metadata: {},
  };
}

function words(count: number): string {
  return Array.from({ length: count }, () => WORDS[Math.floor(Math.random() ** 3 * WORDS.length)]).join(" ");
}

/** Unit length, any direction. */
function vector(): Float32Array {
  const values = Float32Array.from({ length: MODEL.dimension }, () => Math.random() + Math.random() - 1);
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

function kib(bytes: number): string {
  return `${(bytes / 1_024).toFixed(0)} KiB`;
}
