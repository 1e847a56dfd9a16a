import { AuditService } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { type Served, serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { listAuditEvents } from "./list-audit-events.ts";
import { streamAuditEvents } from "./stream-audit-events.ts";
import { verifyAudit } from "./verify-audit.ts";

export function auditService(deps: RouteDeps): Served {
  return serve(AuditService, {
    listAuditEvents: listAuditEvents(deps),
    streamAuditEvents: streamAuditEvents(deps),
    verifyAudit: verifyAudit(deps),
  });
}
