import type pg from "pg";
import type { Content } from "./content.ts";

/** What ingest takes keyed hashes of. */
type IngestDomain = "statement" | "entity" | "entity_id" | "entity_key" | "slot";

/** A transaction of ingest, over all projects of a tenant. */
export interface IngestTransaction {
  readonly client: pg.PoolClient;
  readonly tenantId: string;
  readonly content: Content;
  /** Keyed hash under the tenant's key. */
  readonly mac: (domain: IngestDomain, value: string) => Promise<Buffer>;
}
