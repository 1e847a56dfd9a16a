import { v7 as uuidv7 } from "uuid";
import type { AuditEvent, Resource } from "./event.ts";

/** Keeps events. */
export interface Auditor {
  /**
   * Resolves once the event is kept.
   *
   * @throws MnemeError DEPENDENCY_UNAVAILABLE
   */
  note(tenantId: string, event: AuditEvent): Promise<void>;
}

/** An act of the service itself. */
export interface ServiceAct {
  /** Which part of it acts, e.g. `canary`. */
  readonly service: string;
  /** What it does, e.g. `canary/crossed`. */
  readonly action: string;
  readonly projectId?: string;
  /** `ok` by default. */
  readonly code?: string;
  readonly reason?: string;
  readonly subjectIds?: readonly string[];
  readonly resources?: readonly Resource[];
}

/** The event of an act of the service itself. */
export function eventOfService(act: ServiceAct): AuditEvent {
  const { service, action, projectId = "", code = "ok", reason = "", subjectIds = [], resources = [] } = act;
  return {
    id: uuidv7(),
    time: new Date(),
    action,
    actor: { apiKeyId: "", subjectId: "", service },
    projectId,
    requestId: "",
    code,
    reason,
    subjectIds,
    resources,
    resourceCount: resources.length,
  };
}
