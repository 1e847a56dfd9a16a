import type { AuditFilter } from "@mneme/core/audit/audit-store.ts";
import type { ChainedEvent } from "@mneme/core/audit/event.ts";
import type { FlawKind, TrailPart, Verification } from "@mneme/core/audit/verify-trail.ts";
import { Flaw } from "@mneme/proto/mneme/audit/v1/audit_pb.js";
import type {
  VerifyAuditRequest,
  AuditFilter as WireFilter,
} from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { fromDate, toDate } from "./time.ts";

const FLAWS: Readonly<Record<FlawKind, Flaw>> = {
  changed: Flaw.CHANGED,
  missing: Flaw.MISSING,
  truncated: Flaw.TRUNCATED,
  added: Flaw.ADDED,
  signature: Flaw.SIGNATURE,
};

/** Unset members do not restrict. */
export function toAuditFilter(filter: WireFilter | undefined): AuditFilter {
  if (!filter) return {};
  const { after, before, action, apiKeyId, userId, resourceId, code } = filter;
  const given = {
    action: action || undefined,
    apiKeyId: apiKeyId || undefined,
    userId: userId || undefined,
    resourceId: resourceId || undefined,
    code: code || undefined,
  };
  return { after: toDate(after), before: toDate(before), ...given };
}

export function fromAuditEvent(event: ChainedEvent) {
  const { id, sequence, time, action, actor, projectId, requestId, code, reason } = event;
  return {
    eventId: id,
    sequence: BigInt(sequence),
    time: fromDate(time),
    action,
    actor: { ...actor },
    projectId,
    requestId,
    code,
    reason,
    subjectIds: [...event.subjectIds],
    resources: event.resources.map((resource) => ({ ...resource })),
    resourceCount: BigInt(event.resourceCount),
    hash: new Uint8Array(event.hash),
  };
}

/** Events of one answer, where its request does not say; some seconds' work at most. */
const EVENTS = 10_000;

export function toTrailPart({ afterSequence, afterHash, maxEvents }: VerifyAuditRequest): TrailPart {
  return {
    after: Number(afterSequence),
    hash: afterHash.length > 0 ? afterHash : undefined,
    most: maxEvents || EVENTS,
  };
}

export function fromVerification({ flaw, checked, end, isWhole, signedHead }: Verification) {
  return {
    valid: flaw === undefined,
    checked: BigInt(checked),
    lastSequence: BigInt(end.sequence),
    lastHash: new Uint8Array(end.hash),
    endReached: isWhole,
    flaw: flaw ? FLAWS[flaw.kind] : Flaw.UNSPECIFIED,
    flawSequence: BigInt(flaw?.sequence ?? 0),
    signedHead,
  };
}
