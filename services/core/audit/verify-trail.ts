import type { ChainedEvent } from "./event.ts";
import { beginningOf, hashEvent } from "./hash.ts";
import {
  type Anchor,
  type AuditAnchors,
  type HeadSigner,
  isSame,
  type SignedEnd,
  type TrailEnd,
} from "./head.ts";

/** What is wrong with a trail, as `mneme.audit.v1.Flaw` names it. */
export type FlawKind = "changed" | "missing" | "truncated" | "added" | "signature";

export interface Flaw {
  readonly kind: FlawKind;
  /** The first place where something is wrong. */
  readonly sequence: number;
}

export interface Verification {
  readonly flaw: Flaw | undefined;
  /** Events looked at. */
  readonly checked: number;
  readonly lastSequence: number;
  /** The last signed head that has come true; empty where nothing was signed yet. */
  readonly signedHead: string;
}

export interface VerifyDeps {
  readonly trail: {
    /** Events behind a place, oldest first; fewer than `limit` at the end. */
    behind(tenantId: string, sequence: number, limit: number, signal?: AbortSignal): Promise<ChainedEvent[]>;
    /** The hash of the event in a place; undefined where there is none. */
    hashAt(tenantId: string, sequence: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  };
  readonly anchors: Pick<AuditAnchors, "read">;
  readonly signer: Pick<HeadSigner, "verify">;
}

const PAGE = 1_000;

/**
 * Computes a trail anew from its events and compares: with the hashes beside them, and with the end that was signed and
 * is kept elsewhere. Stops at the first flaw.
 *
 * @param after events behind this place, whose hash is taken for right; 0 for all. Behind the end there is nothing to
 *   check, and the signed head is all that is told.
 */
export async function verifyTrail(
  deps: VerifyDeps,
  tenantId: string,
  after: number,
  signal?: AbortSignal,
): Promise<Verification> {
  // Before the trail is read: what is announced meanwhile may or may not be in it.
  const anchor = await deps.anchors.read(tenantId);
  const start = after === 0 ? beginningOf(tenantId) : await deps.trail.hashAt(tenantId, after, signal);
  if (start === undefined) {
    const { sequence = 0, head = "" } = settledEnd(anchor) ?? {};
    const flaw: Flaw | undefined = after <= sequence ? { kind: "missing", sequence: after } : undefined;
    return { flaw, checked: 0, lastSequence: sequence, signedHead: head };
  }
  const settled = settledEnd(anchor);
  const walked = await walk(deps, tenantId, { sequence: after, hash: start }, settled, signal);
  const { end, checked } = walked;
  // Read again: the trail may have grown while it was walked, and each growth was announced before.
  const now = (await deps.anchors.read(tenantId)) ?? anchor;
  const flaw = walked.flaw
    ? nameFlaw(walked.flaw, now)
    : await compareEnd(deps.signer, tenantId, end, after, [anchor, now]);
  return { flaw, checked, lastSequence: end.sequence, signedHead: settled?.head ?? "" };
}

/** Recomputes every hash; the place that was signed must have the hash that was signed. */
async function walk(
  { trail }: VerifyDeps,
  tenantId: string,
  start: TrailEnd,
  settled: SignedEnd | undefined,
  signal: AbortSignal | undefined,
): Promise<{ readonly end: TrailEnd; readonly checked: number; readonly flaw: Flaw | undefined }> {
  let end = start;
  let checked = 0;
  for (;;) {
    const events = await trail.behind(tenantId, end.sequence, PAGE, signal);
    for (const event of events) {
      const flaw = flawOf(end, event, settled);
      if (flaw) return { end, checked, flaw };
      end = event;
      checked += 1;
    }
    if (events.length < PAGE) return { end, checked, flaw: undefined };
  }
}

function flawOf(before: TrailEnd, event: ChainedEvent, signed: SignedEnd | undefined): Flaw | undefined {
  const sequence = before.sequence + 1;
  if (event.sequence !== sequence) return { kind: "missing", sequence };
  const hash = hashEvent(before.hash, event, sequence);
  if (Buffer.compare(hash, event.hash) !== 0) return { kind: "changed", sequence };
  if (signed?.sequence === sequence && !isSame(signed, event)) return { kind: "signature", sequence };
  return undefined;
}

/** What stands behind the end that was announced is nobody's of ours, whatever else is wrong with it. */
function nameFlaw(flaw: Flaw, now: Anchor | undefined): Flaw {
  return now && flaw.sequence > now.end.sequence ? { ...flaw, kind: "added" } : flaw;
}

/** The trail must end where it was last said to, and that must have been said by us. */
async function compareEnd(
  signer: Pick<HeadSigner, "verify">,
  tenantId: string,
  end: TrailEnd,
  after: number,
  [before, now]: readonly [Anchor | undefined, Anchor | undefined],
): Promise<Flaw | undefined> {
  const least = settledEnd(before)?.sequence ?? 0;
  if (end.sequence < least) return { kind: "truncated", sequence: end.sequence + 1 };
  if (!now) return end.sequence > after ? { kind: "signature", sequence: end.sequence } : undefined;
  if (end.sequence > now.end.sequence) return { kind: "added", sequence: now.end.sequence + 1 };
  for (const signed of [before?.before, before?.end, now.before, now.end]) {
    if (!signed || signed.sequence === 0) continue;
    if (!(await signer.verify(signed.head, tenantId, signed))) {
      return { kind: "signature", sequence: signed.sequence };
    }
  }
  return undefined;
}

/** What the trail has reached for sure: what was announced since may not have come true. */
function settledEnd(anchor: Anchor | undefined): SignedEnd | undefined {
  return anchor?.before ?? anchor?.end;
}
