import { randomUUID } from "node:crypto";
import { createEmbeddedExtractor } from "@mneme/core/extraction/embedded/extractor.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import { tenantAlias } from "@mneme/opensearch/tenant-alias.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { createMemoryStore } from "@mneme/postgres/memory-store.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { acceptDrafts, settingsOf } from "@mneme/postgres/testing/memories.ts";
import type { IngestEngines } from "../testing/ingest-engines.ts";
import { workTenant } from "../testing/work-tenant.ts";

/** A tenant whose memories are written as the API and the worker write them, and read as searches read. */
export class Tenant {
  readonly #engines: IngestEngines;
  readonly provisioned: Provisioned;

  constructor(engines: IngestEngines, provisioned: Provisioned) {
    this.#engines = engines;
    this.provisioned = provisioned;
  }

  get id(): string {
    return this.provisioned.tenantId;
  }

  /** Keeps statements, and returns once they can be found. */
  async add(texts: readonly string[]): Promise<void> {
    const drafts = texts.map((text) => draftOf(text));
    await acceptDrafts(this.#engines.record, this.provisioned, { userId: "ada" }, drafts);
    await this.work();
  }

  /** Gives a memory another category, and returns once searches see it. */
  async recategorise(memoryId: string, category: string): Promise<void> {
    const draft = draftOf("", { category });
    const fields = new Set(["category"] as const);
    const change = { memoryId, draft, fields, etag: "", at: "updates[0]", embedding: undefined };
    await this.#store().change(this.provisioned, [change], request("UpdateMemories"));
    await this.work();
  }

  async delete(memoryId: string): Promise<void> {
    await this.#store().delete(this.provisioned, [{ memoryId, etag: "" }], request("DeleteMemories"));
    await this.work();
  }

  /** The ids of its memories in the order of their texts' numbers, as the record has them. */
  async memoryIds(): Promise<string[]> {
    const { rows } = await this.#engines.record.admin.query<{ id: string }>(
      "select id from mneme.memories where tenant_id = $1 order by id",
      [this.id],
    );
    return rows.map(({ id }) => id);
  }

  /** Versions in the record: what an index of it has to hold. */
  async versions(): Promise<number> {
    const { rows } = await this.#engines.record.admin.query<{ count: string }>(
      "select count(*) from mneme.memory_versions where tenant_id = $1",
      [this.id],
    );
    return Number(rows[0]?.count);
  }

  /** Everything that its alias shows, each document by itself: what `candidates` would join is seen twice. */
  async seen(): Promise<string[]> {
    const answer = await this.#engines.client.send<{
      hits: { hits: readonly { fields: { memory_id: [string]; version: [number] } }[] };
    }>({
      method: "POST",
      path: `/${tenantAlias(this.id)}/_search`,
      query: { allow_partial_search_results: false },
      body: {
        size: 10_000,
        stored_fields: "_none_",
        docvalue_fields: ["memory_id", "version"],
        query: { match_all: {} },
      },
    });
    if (answer.status !== 200) throw new Error(`a search was answered by ${answer.status}`);
    return answer.body.hits.hits.map(({ fields }) => `${fields.memory_id[0]}/${fields.version[0]}`);
  }

  /** The memories that a search for a text finds, within a category where one is given. */
  async search(text: string, category?: string): Promise<string[]> {
    const { tenantId, projectId } = this.provisioned;
    const [vector] = await this.#engines.embedder.embed([text]);
    const { candidates } = await this.#engines.index.candidates({
      filter: { tenantId, projectId, ...(category !== undefined && { categories: [category] }) },
      vector: vector as Float32Array,
      keywords: text,
      entities: [],
      pool: 20,
    });
    return candidates.map(({ memoryId }) => memoryId);
  }

  /** Documents of it in each pool that there is. */
  async counts(): Promise<Record<string, number>> {
    await this.#engines.index.refresh();
    const counts = await this.#engines.index.count({ tenantId: this.id });
    return Object.fromEntries(counts.map(({ pool, documents }) => [pool, documents]));
  }

  /** Works and indexes what waits. */
  async work(): Promise<void> {
    const { record, index, embedder } = this.#engines;
    const deps = {
      store: createIngestStore(record.database),
      index,
      embedder,
      settings: settingsOf(record),
      extractor: createEmbeddedExtractor(),
    };
    await workTenant(record, deps, this.id);
  }

  #store() {
    return createMemoryStore(this.#engines.record.database);
  }
}

function request(rpc: string) {
  return { rpc, requestId: randomUUID(), body: new Uint8Array() };
}
