import { MnemeError } from "../errors.ts";
import { type Administrator, requireKeyOfTenant } from "../tenancy/administrator.ts";
import { type TrailPart, type Verification, type VerifyDeps, verifyTrail } from "./verify-trail.ts";

/**
 * Verifies a part of the caller's trail, of each tenant one at a time in this process: it reads as much as the record can
 * give. Other processes know nothing of it, and run one each.
 */
export type VerifyAudit = (
  who: Administrator,
  part: TrailPart,
  signal?: AbortSignal,
) => Promise<Verification>;

const RETRY_MS = 1_000;

/** The trail is of all projects, and so is who may have it verified. */
export function createVerifyAudit(deps: VerifyDeps): VerifyAudit {
  /** Tenants whose trail is being verified. */
  const running = new Set<string>();
  return async (who, part, signal) => {
    requireKeyOfTenant(who, "AUDIT_READ", "the audit trail is");
    const { tenantId } = who;
    if (running.has(tenantId)) throw alreadyRunning();
    running.add(tenantId);
    try {
      return await verifyTrail(deps, tenantId, part, signal);
    } finally {
      running.delete(tenantId);
    }
  };
}

function alreadyRunning(): MnemeError {
  return new MnemeError(
    "resource_exhausted",
    "ALREADY_RUNNING",
    "the tenant's audit trail is being verified; try again once that call has its answer",
    { metadata: { limit: "1" }, retryAfterMs: RETRY_MS },
  );
}
