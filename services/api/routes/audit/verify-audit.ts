import type { HandlerContext } from "@connectrpc/connect";
import { verifyTrail } from "@mneme/core/audit/verify-trail.ts";
import type { VerifyAuditRequest } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromVerification } from "../../convert/audit.ts";
import type { RouteDeps } from "../deps.ts";

export function verifyAudit({ audit, auditAnchors, auditHeads }: RouteDeps) {
  const deps = { trail: audit, anchors: auditAnchors, signer: auditHeads };
  return async ({ afterSequence }: VerifyAuditRequest, context: HandlerContext) => {
    const { tenantId } = callerOf(context);
    return fromVerification(await verifyTrail(deps, tenantId, Number(afterSequence), context.signal));
  };
}
