/** Tenants that are left alone for a while. */
export interface Rests {
  /**
   * Leaves a tenant alone: for so long, or for twice as long as the last time.
   *
   * @returns for how many milliseconds.
   */
  begin(tenantId: string, ms?: number): number;
  /** It went well again. */
  end(tenantId: string): void;
  /** Who is left alone now. */
  current(): string[];
}

export interface RestsOptions {
  readonly firstMs: number;
  readonly mostMs: number;
}

interface Rest {
  readonly ms: number;
  readonly until: number;
}

export function createRests({ firstMs, mostMs }: RestsOptions): Rests {
  const rests = new Map<string, Rest>();
  return {
    begin(tenantId, ms) {
      const last = rests.get(tenantId)?.ms ?? firstMs / 2;
      const rest = ms ?? Math.min(last * 2, mostMs);
      rests.set(tenantId, { ms: rest, until: performance.now() + rest });
      return rest;
    },
    end: (tenantId) => void rests.delete(tenantId),
    current() {
      const now = performance.now();
      // Whoever was not come back to since is gone, or has nothing that waits.
      for (const [tenantId, { until }] of rests) if (until + mostMs < now) rests.delete(tenantId);
      return [...rests].filter(([, { until }]) => until > now).map(([tenantId]) => tenantId);
    },
  };
}
