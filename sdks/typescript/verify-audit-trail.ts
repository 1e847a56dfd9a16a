import { fromHex, toHex } from "./convert/hex.ts";
import type { AuditEvent, AuditFlaw } from "./types/audit.ts";

/** Keys as `/.well-known/jwks.json` publishes them. */
export interface JsonWebKeySet {
  readonly keys: readonly (JsonWebKey & { readonly kid?: string })[];
}

/** What a trail was found to be. */
export interface TrailVerification {
  readonly valid: boolean;
  /** Events whose hashes were computed. */
  readonly checked: number;
  readonly flaw: AuditFlaw | undefined;
  /** The first place where something is wrong. */
  readonly flawSequence: number | undefined;
  /** Where the events begin; what came before is not verified. 0 without any. */
  readonly firstSequence: number;
  /** How far the signature reaches: events behind it are chained and not signed yet. */
  readonly signedSequence: number;
}

interface Head {
  readonly tenantId: string;
  readonly sequence: number;
  readonly hash: string;
}

const TYPE = "mneme-audit-head+jwt";
const FORMAT = 1;

/**
 * Verifies a trail without the server, and by other code than its own: computes every hash anew, and compares with the
 * end that was signed. From the first event on, or from any later one, whose hash is then taken for right.
 *
 * @param events oldest first, without gaps.
 */
export async function verifyAuditTrail(
  events: Iterable<AuditEvent> | AsyncIterable<AuditEvent>,
  signedHead: string,
  keys: JsonWebKeySet,
): Promise<TrailVerification> {
  const head = await openHead(signedHead, keys);
  let first: AuditEvent | undefined;
  let last: AuditEvent | undefined;
  let checked = 0;
  const found = (flaw?: AuditFlaw, flawSequence?: number): TrailVerification => ({
    valid: flaw === undefined,
    checked,
    flaw,
    flawSequence,
    firstSequence: first?.sequence ?? 0,
    signedSequence: head?.sequence ?? 0,
  });
  for await (const event of events) {
    const flaw = await flawOf(event, last, head);
    if (flaw) return found(flaw, flaw === "missing" ? (last?.sequence ?? 0) + 1 : event.sequence);
    first ??= event;
    last = event;
    checked += 1;
  }
  if (!head) return found("signature", last?.sequence ?? 0);
  if ((last?.sequence ?? 0) < head.sequence) return found("truncated", (last?.sequence ?? 0) + 1);
  return found();
}

async function flawOf(
  event: AuditEvent,
  last: AuditEvent | undefined,
  head: Head | undefined,
): Promise<AuditFlaw | undefined> {
  if (last && event.sequence !== last.sequence + 1) return "missing";
  // Of a later beginning, what came before is not here.
  const before = last
    ? fromHex(last.hash)
    : event.sequence === 1 && head && (await beginningOf(head.tenantId));
  if (before && toHex(await hashOf(before, event)) !== event.hash) return "changed";
  return head?.sequence === event.sequence && head.hash !== event.hash ? "signature" : undefined;
}

/** The hash before it, and a JSON array of what the event says, in a fixed order. See docs/security/audit.md. */
function hashOf(before: Uint8Array, event: AuditEvent): Promise<Uint8Array> {
  const { actor } = event;
  const encoded = JSON.stringify([
    FORMAT,
    event.sequence,
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
  return sha256(new Uint8Array([...before, ...new TextEncoder().encode(encoded)]));
}

function beginningOf(tenantId: string): Promise<Uint8Array> {
  return sha256(new TextEncoder().encode(JSON.stringify(["mneme audit", FORMAT, tenantId])));
}

/** What a head says; undefined for one that none of the keys has signed. */
async function openHead(signed: string, { keys }: JsonWebKeySet): Promise<Head | undefined> {
  const [header = "", payload = "", signature = ""] = signed.split(".");
  try {
    const { alg, kid, typ } = readJson(header);
    const jwk = keys.find((key) => key.kid === kid);
    if (alg !== "EdDSA" || typ !== TYPE || !jwk) return undefined;
    const { kty = "", crv = "", x = "" } = jwk;
    const key = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
    const said = new TextEncoder().encode(`${header}.${payload}`);
    if (!(await crypto.subtle.verify("Ed25519", key, fromBase64(signature), said))) return undefined;
    const { tenant_id: tenantId, sequence, hash } = readJson(payload);
    return { tenantId: String(tenantId), sequence: Number(sequence), hash: String(hash) };
  } catch {
    // Whatever is no JWS is not signed.
    return undefined;
  }
}

function readJson(part: string): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(fromBase64(part)));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
