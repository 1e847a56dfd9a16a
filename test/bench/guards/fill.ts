import { randomUUID } from "node:crypto";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import { INGEST_BUCKETS } from "@mneme/core/extraction/bucket.ts";
import { indexPending } from "@mneme/core/extraction/index-pending.ts";
import { ingestBatch } from "@mneme/core/extraction/ingest.ts";
import type { IngestDeps } from "@mneme/core/extraction/ingest-deps.ts";
import { draftOf } from "@mneme/core/memory/draft-testing.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import { type Surroundings, workerEnvironment } from "@mneme/local/process-environment.ts";
import { createConversationStore } from "@mneme/postgres/conversation-store.ts";
import type { Database } from "@mneme/postgres/database.ts";
import { createIngestStore } from "@mneme/postgres/ingest-store.ts";
import { readConfig } from "@mneme/workflows/config.ts";
import { createContext } from "@mneme/workflows/context.ts";
import { createLog } from "@mneme/workflows/log.ts";
import { createMetrics } from "@mneme/workflows/metrics.ts";
import { statement } from "../harness/statements.ts";
import { plainCipher } from "./plain-cipher.ts";

export const PEOPLE = 20;
/** The number that the twins' statements and questions are made from. */
export const TENANT = 1;

const CHUNK = 250;
const SAID_AT = new Date("2026-03-01T10:00:00Z");

/** Fills tenants the way that imports do, in this process and one after the other. */
export interface Filler extends AsyncDisposable {
  ensureIndexed(tenantId: string): Promise<void>;
  fill(tenancy: Tenancy, content: "sealed" | "plain"): Promise<void>;
}

/** @param memories of each tenant. */
export async function openFiller(surroundings: Surroundings, memories: number): Promise<Filler> {
  const config = readConfig(workerEnvironment(surroundings, 0));
  const worker = await createContext(config, createLog("warn"), createMetrics());
  const embedder = remembering(worker.ingest.embedder);
  return {
    ensureIndexed: (tenantId) => worker.index.ensureTenant(tenantId),
    async fill(tenancy, content) {
      const database = content === "plain" ? { ...worker.database, cipher: plainCipher } : worker.database;
      await accept(database, tenancy, memories);
      await work({ ...worker.ingest, store: createIngestStore(database), embedder }, tenancy);
    },
    [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
  };
}

async function accept(database: Database, tenancy: Tenancy, memories: number): Promise<void> {
  const conversations = createConversationStore(database);
  const each = Math.ceil(memories / PEOPLE);
  for (let person = 0; person < PEOPLE; person += 1) {
    for (let begin = 0; begin < each; begin += CHUNK) {
      const count = Math.min(CHUNK, each - begin);
      const drafts = Array.from({ length: count }, (_, i) => draftOf(statement(TENANT, person, begin + i)));
      await conversations.accept(tenancy, {
        scope: { userId: `user-${person}` },
        items: drafts.map((draft) => ({ type: "draft", draft, sentAt: SAID_AT })),
        metadata: {},
        request: { rpc: "ImportMemories", requestId: randomUUID(), body: new Uint8Array() },
      });
    }
  }
}

async function work(deps: IngestDeps, { tenantId }: Tenancy): Promise<void> {
  for (let bucket = 0; bucket < INGEST_BUCKETS; bucket += 1) {
    const target = { tenantId, bucket };
    for (let more = true; more; ) {
      const report = await ingestBatch(deps, target, { limit: CHUNK, exclude: [] });
      if (report.failed.length > 0) throw new Error(`it failed: ${report.failed[0]?.reason}`);
      more = report.more;
    }
    while ((await indexPending(deps, target, 2 * CHUNK)).more);
    console.error(`filled ${bucket + 1} of ${INGEST_BUCKETS} parts of a tenant`);
  }
}

/** The second twin's texts have the very vectors of the first one's. */
function remembering(embedder: Embedder): Embedder {
  const known = new Map<string, Float32Array>();
  return {
    ...embedder,
    async embed(texts, options) {
      const missing = [...new Set(texts.filter((text) => !known.has(text)))];
      const vectors = missing.length > 0 ? await embedder.embed(missing, options) : [];
      missing.forEach((text, i) => {
        known.set(text, vectors[i] as Float32Array);
      });
      return texts.map((text) => known.get(text) as Float32Array);
    },
  };
}
