import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import { type Served, serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { createTenant } from "./create-tenant.ts";
import { createTenantAdminKey } from "./create-tenant-admin-key.ts";
import { getPlacement } from "./get-placement.ts";
import { getTenant } from "./get-tenant.ts";
import { listTenantUsage } from "./list-tenant-usage.ts";
import { listTenants } from "./list-tenants.ts";
import { moveTenant } from "./move-tenant.ts";
import { rotateSigningKey } from "./rotate-signing-key.ts";
import { updateTenant } from "./update-tenant.ts";

/** What who runs the deployment does with tenants. */
export function operatorService(
  deps: Pick<RouteDeps, "operator" | "placements" | "signingKeys" | "tenantUsage">,
): Served {
  return serve(OperatorService, {
    createTenant: createTenant(deps),
    getTenant: getTenant(deps),
    listTenants: listTenants(deps),
    listTenantUsage: listTenantUsage(deps),
    updateTenant: updateTenant(deps),
    createTenantAdminKey: createTenantAdminKey(deps),
    getPlacement: getPlacement(deps),
    moveTenant: moveTenant(deps),
    rotateSigningKey: rotateSigningKey(deps),
  });
}
