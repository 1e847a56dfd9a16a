import { createHash } from "node:crypto";
import type { Tenancy } from "./caller.ts";

/**
 * Two tenants of the deployment's own that hold a marker each. Known by the default pool, so that deployments which share
 * an index engine have canaries of their own: a tenant's alias is one name in the whole engine.
 */
export type Canaries = readonly [Tenancy, Tenancy];

export function canariesOf(pool: string): Canaries {
  return [tenancyOf(pool, 1), tenancyOf(pool, 2)];
}

function tenancyOf(pool: string, number: number): Tenancy {
  const id = (what: string) => {
    const hex = createHash("sha256").update(`canary/${pool}/${number}/${what}`).digest("hex");
    return `00000000-0000-7000-8000-${hex.slice(0, 12)}`;
  };
  return { tenantId: id("tenant"), projectId: id("project") };
}
