import { createHash } from "node:crypto";
import type { AuditEvent } from "./event.ts";

/** Version of the encoding that is hashed; another encoding takes another number. */
const FORMAT = 1;

/**
 * What is hashed of an event: a JSON array whose members stand in a fixed order, without spaces, in UTF-8. Every value
 * is an id, a name of ours, a number or the time in ISO 8601 with milliseconds, so that JSON writes it in one way only.
 */
export function encodeEvent(event: AuditEvent, sequence: number): string {
  const { actor } = event;
  return JSON.stringify([
    FORMAT,
    sequence,
    event.id,
    event.time.toISOString(),
    event.action,
    actor.apiKeyId,
    actor.subjectId,
    actor.service,
    event.projectId,
    event.requestId,
    event.code,
    event.reason,
    event.subjectIds,
    event.resources.map(({ type, id }) => [type, id]),
    event.resourceCount,
  ]);
}

/** SHA-256 of the hash before it and of the event in its place. */
export function hashEvent(before: Uint8Array, event: AuditEvent, sequence: number): Uint8Array {
  return createHash("sha256").update(before).update(encodeEvent(event, sequence)).digest();
}

/** What stands before a tenant's first event, so that no trail passes for another tenant's. */
export function beginningOf(tenantId: string): Uint8Array {
  return createHash("sha256")
    .update(JSON.stringify(["mneme audit", FORMAT, tenantId]))
    .digest();
}
