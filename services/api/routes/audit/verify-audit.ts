import type { HandlerContext } from "@connectrpc/connect";
import { createVerifyAudit } from "@mneme/core/audit/verify-audit.ts";
import type { VerifyAuditRequest } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromVerification, toTrailPart } from "../../convert/audit.ts";
import type { RouteDeps } from "../deps.ts";

export function verifyAudit({ audit, auditAnchors, auditHeads }: RouteDeps) {
  const verify = createVerifyAudit({ trail: audit, anchors: auditAnchors, signer: auditHeads });
  return async (request: VerifyAuditRequest, context: HandlerContext) =>
    fromVerification(await verify(callerOf(context), toTrailPart(request), context.signal));
}
