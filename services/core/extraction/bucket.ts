import { createHash } from "node:crypto";

/**
 * Ingest workflows a tenant. Each carries the streams of many people, so that one workflow task serves
 * them all. Stored with the stream: another number holds for new streams only.
 */
export const INGEST_BUCKETS = 16;

/** Which ingest workflow works a stream: 0 .. INGEST_BUCKETS - 1, spread evenly. */
export function bucketOf(streamId: string): number {
  return createHash("sha256").update(streamId).digest().readUInt16BE(0) % INGEST_BUCKETS;
}
