import { randomUUID } from "node:crypto";
import type { Administrator } from "@mneme/core/tenancy/administrator.ts";
import type { WriteRequest } from "@mneme/core/tenancy/request.ts";
import { PERMISSIONS_OF } from "@mneme/core/tenancy/roles.ts";
import type { Settings } from "@mneme/core/tenancy/settings.ts";
import type { Provisioned } from "../provision.ts";
import { createProjectStore } from "../tenancy/project-store.ts";
import type { TestRecord } from "./record.ts";

/** Who administers all of a tenant. */
export function administratorOf({ tenantId, projectId }: Provisioned): Administrator {
  const permissions = new Set(PERMISSIONS_OF.admin);
  return { tenantId, projectId, isOfTenant: true, apiKeyId: randomUUID(), permissions };
}

/** A write of its own. */
export function requestOf(rpc: string): WriteRequest {
  return { rpc, requestId: randomUUID(), body: new Uint8Array() };
}

/** Makes these the settings of the tenant's project. */
export async function setOnProject(
  { database }: Pick<TestRecord, "database">,
  tenant: Provisioned,
  settings: Settings,
): Promise<void> {
  const update = { settings: [{ path: [], value: settings }], limits: [], etag: "" };
  const request = requestOf("UpdateProject");
  await createProjectStore(database).update(administratorOf(tenant), tenant.projectId, update, request);
}
