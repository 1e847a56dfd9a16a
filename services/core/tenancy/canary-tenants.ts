import type { Tenancy } from "./caller.ts";

/**
 * Two tenants of the deployment's own that hold a marker each. Below every id that is made, as the operator's tenant:
 * no list of tenants shows them.
 */
export const CANARIES: readonly [Tenancy, Tenancy] = [
  {
    tenantId: "00000000-0000-7000-8000-000000000011",
    projectId: "00000000-0000-7000-8000-000000000012",
  },
  {
    tenantId: "00000000-0000-7000-8000-000000000021",
    projectId: "00000000-0000-7000-8000-000000000022",
  },
];
