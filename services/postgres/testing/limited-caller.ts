import { randomUUID } from "node:crypto";
import type { LimitedCaller } from "@mneme/core/limits/levels.ts";
import type { CallerLimits } from "@mneme/core/tenancy/caller.ts";
import type { TestRecord } from "./record.ts";

/** A caller of a tenant of its own, with limits. */
export async function limitedCaller(
  record: TestRecord,
  limits: Partial<CallerLimits>,
): Promise<LimitedCaller> {
  const { tenantId, projectId } = await record.provision();
  const apiKeyId = randomUUID();
  return { tenantId, projectId, apiKeyId, limits: { tenant: {}, project: {}, apiKey: {}, ...limits } };
}
