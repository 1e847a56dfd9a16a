import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";

export interface QueryCacheOptions {
  /** Query vectors remembered; 0 switches the memory off. Default 10,000 (15 MB at 384 dimensions). */
  readonly cacheSize?: number;
  /** How long a query's vector is remembered, in milliseconds. Default 10 minutes. */
  readonly cacheTtlMs?: number;
}

/** Remembers the vectors of queries, under digests, so that it holds nobody's words. */
export class QueryCache {
  readonly #vectors: LRUCache<string, Float32Array> | undefined;

  constructor({ cacheSize = 10_000, cacheTtlMs = 600_000 }: QueryCacheOptions) {
    this.#vectors = cacheSize > 0 ? new LRUCache({ max: cacheSize, ttl: cacheTtlMs }) : undefined;
  }

  /** @param compute is asked for the texts that are not remembered; not at all if every one is. */
  async through(
    texts: readonly string[],
    compute: (missing: readonly string[]) => Promise<Float32Array[]>,
  ): Promise<Float32Array[]> {
    const vectors = this.#vectors;
    if (!vectors) return compute(texts);
    const keys = texts.map((text) => createHash("sha256").update(text).digest("base64"));
    const found = keys.map((key) => vectors.get(key));
    const missing = texts.filter((_, index) => !found[index]);
    const computed = missing.length > 0 ? await compute(missing) : [];
    let next = 0;
    return found.map((known, index) => {
      const vector = known ?? (computed[next++] as Float32Array);
      if (!known) vectors.set(keys[index] as string, vector);
      // A caller may write into what it gets; the remembered vector must not follow.
      return vector.slice();
    });
  }

  clear(): void {
    this.#vectors?.clear();
  }
}
