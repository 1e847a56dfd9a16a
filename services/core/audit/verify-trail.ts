import type { ChainedEvent } from "./event.ts";
import { beginningOf, hashEvent } from "./hash.ts";
import {
  type Anchor,
  type AuditAnchors,
  agreedEnd,
  type HeadSigner,
  isSame,
  isSameAnchor,
  type SignedEnd,
  settledEnd,
  type TrailEnd,
} from "./head.ts";

/** What is wrong with a trail, as `mneme.audit.v1.Flaw` names it. */
export type FlawKind = "changed" | "missing" | "truncated" | "added" | "signature";

export interface Flaw {
  readonly kind: FlawKind;
  /** The first place where something is wrong. */
  readonly sequence: number;
}

/** A part of a trail. */
export interface TrailPart {
  /** Events behind this place; 0 for all. */
  readonly after: number;
  /** What that place's hash must be; where it is not known, what is there is taken for right. */
  readonly hash?: Uint8Array | undefined;
  /** Events at most. */
  readonly most: number;
}

export interface Verification {
  readonly flaw: Flaw | undefined;
  /** Events looked at. */
  readonly checked: number;
  /** The last place that is as it was. */
  readonly end: TrailEnd;
  /** That is the trail's, and was compared with what was signed. Otherwise the next part begins there. */
  readonly isWhole: boolean;
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
 * Computes a part of a trail anew from its events and compares: with the hashes beside them, and at the trail's end with
 * what was signed and is kept elsewhere. That holds for the parts before as well, if each began with the hash that the one
 * before it ended with. Stops at the first flaw. Behind the trail's end there is nothing to check, and the signed head is
 * all that is told.
 */
export async function verifyTrail(
  deps: VerifyDeps,
  tenantId: string,
  part: TrailPart,
  signal?: AbortSignal,
): Promise<Verification> {
  // Before the trail is read: what is announced meanwhile may or may not be in it.
  let anchor = await deps.anchors.read(tenantId);
  const signedHead = settledEnd(anchor)?.head ?? "";
  const begun = await begin(deps, tenantId, part, anchor, signal);
  let { end } = begun;
  let checked = 0;
  const found = (isWhole: boolean, flaw?: Flaw) => ({ flaw, checked, end, isWhole, signedHead });
  if (begun.isOver) return found(begun.flaw === undefined, begun.flaw);
  for (;;) {
    const walked = await walk(deps, tenantId, end, part.most - checked, anchor, signal);
    end = walked.end;
    checked += walked.checked;
    if (!walked.flaw && !walked.isAtEnd) return found(false);
    const now = await deps.anchors.read(tenantId);
    if (walked.flaw) return found(false, nameFlaw(walked.flaw, now));
    const flaw = await compareEnd(deps.signer, tenantId, end, [anchor, now]);
    if (flaw !== "moves") return found(flaw === undefined, flaw);
    anchor = now;
  }
}

interface Begun {
  readonly end: TrailEnd;
  readonly flaw?: Flaw;
  readonly isOver?: boolean;
}

/** Where a part begins: what is there must be what is known of it. */
async function begin(
  { trail }: VerifyDeps,
  tenantId: string,
  { after, hash: known }: TrailPart,
  anchor: Anchor | undefined,
  signal: AbortSignal | undefined,
): Promise<Begun> {
  const hash = after === 0 ? beginningOf(tenantId) : await trail.hashAt(tenantId, after, signal);
  const settled = settledEnd(anchor);
  if (hash === undefined) {
    const end = settled ?? { sequence: 0, hash: beginningOf(tenantId) };
    if (known === undefined && after > end.sequence) return { end, isOver: true };
    return broken("missing", after);
  }
  const end = { sequence: after, hash };
  if (known && Buffer.compare(known, hash) !== 0) return broken("changed", Math.max(after, 1));
  if (settled?.sequence === after && !isSame(settled, end)) return broken("signature", after);
  return { end };
}

/** Of what comes before it nothing is known here. */
function broken(kind: FlawKind, sequence: number): Begun {
  return { end: { sequence: sequence - 1, hash: new Uint8Array() }, flaw: { kind, sequence }, isOver: true };
}

interface Walked {
  readonly end: TrailEnd;
  readonly checked: number;
  readonly flaw?: Flaw;
  readonly isAtEnd: boolean;
}

/** Recomputes every hash, of so many events at most; the place that was signed must have the hash that was signed. */
async function walk(
  { trail }: VerifyDeps,
  tenantId: string,
  start: TrailEnd,
  most: number,
  anchor: Anchor | undefined,
  signal: AbortSignal | undefined,
): Promise<Walked> {
  const settled = settledEnd(anchor);
  let end = start;
  let checked = 0;
  while (checked < most) {
    const limit = Math.min(PAGE, most - checked);
    const events = await trail.behind(tenantId, end.sequence, limit, signal);
    for (const event of events) {
      const flaw = flawOf(end, event, settled);
      if (flaw) return { end, checked, flaw, isAtEnd: false };
      end = { sequence: event.sequence, hash: event.hash };
      checked += 1;
    }
    if (events.length < limit) return { end, checked, isAtEnd: true };
  }
  return { end, checked, isAtEnd: false };
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

/**
 * The trail must end where it was last said to, or where it did before that if what was said may not have come true; and
 * both must have been said by us.
 *
 * @param anchors as they were before the end was read, and after.
 * @returns `moves` where the end was read between two that are not known here.
 */
async function compareEnd(
  signer: Pick<HeadSigner, "verify">,
  tenantId: string,
  end: TrailEnd,
  [before, now]: readonly [Anchor | undefined, Anchor | undefined],
): Promise<Flaw | "moves" | undefined> {
  const least = settledEnd(before)?.sequence ?? 0;
  if (end.sequence < least) return { kind: "truncated", sequence: end.sequence + 1 };
  if (!agreedEnd(before, end) && !agreedEnd(now, end)) {
    if (!isSameAnchor(before, now)) return "moves";
    const announced = now?.end.sequence ?? 0;
    return now && end.sequence > announced
      ? { kind: "added", sequence: announced + 1 }
      : { kind: "signature", sequence: end.sequence };
  }
  for (const signed of [before?.before, before?.end, now?.before, now?.end]) {
    if (!signed || signed.sequence === 0) continue;
    if (!(await signer.verify(signed.head, tenantId, signed)))
      return { kind: "signature", sequence: signed.sequence };
  }
  return undefined;
}
