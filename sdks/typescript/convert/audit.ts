import { type Flaw, FlawSchema, type AuditEvent as WireEvent } from "@mneme/proto/mneme/audit/v1/audit_pb.js";
import type { VerifyAuditResponse } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import { InternalError } from "../errors/errors.ts";
import type { AuditEvent, AuditFlaw, AuditVerification } from "../types/audit.ts";
import { enumCodec } from "./enum.ts";
import { toHex } from "./hex.ts";
import { toDate } from "./time.ts";

const flaws = enumCodec<AuditFlaw, Flaw>(FlawSchema);

/** @throws InternalError for an event without a time. */
export function auditEventFromWire(event: WireEvent | undefined): AuditEvent {
  const time = toDate(event?.time);
  if (!event || !time) throw new InternalError("the server answered without the event");
  const { apiKeyId = "", subjectId = "", service = "" } = event.actor ?? {};
  return {
    id: event.eventId,
    sequence: Number(event.sequence),
    time,
    action: event.action,
    actor: { apiKeyId, subjectId, service },
    projectId: event.projectId,
    requestId: event.requestId,
    code: event.code,
    reason: event.reason,
    subjectIds: event.subjectIds,
    resources: event.resources.map(({ type, id }) => ({ type, id })),
    resourceCount: Number(event.resourceCount),
    hash: toHex(event.hash),
  };
}

export function verificationFromWire(response: VerifyAuditResponse): AuditVerification {
  const { valid, checked, lastSequence, lastHash, flaw, flawSequence, signedHead } = response;
  return {
    valid,
    checked: Number(checked),
    lastSequence: Number(lastSequence),
    lastHash: toHex(lastHash),
    flaw: flaws.fromWire(flaw),
    flawSequence: flawSequence === 0n ? undefined : Number(flawSequence),
    signedHead,
  };
}
