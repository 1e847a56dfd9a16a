/** The end of a trail, as it was at some time. */
export interface TrailEnd {
  /** Of the last event; 0 where there is none. */
  readonly sequence: number;
  /** Its hash; the trail's beginning where there is none. */
  readonly hash: Uint8Array;
}

/** Signs the ends of trails, and knows its own signatures again. */
export interface HeadSigner {
  /** @returns a JWS in compact form that names tenant, sequence and hash. */
  sign(tenantId: string, end: TrailEnd): Promise<string>;
  /** Whether the JWS is one of ours and says this. */
  verify(head: string, tenantId: string, end: TrailEnd): Promise<boolean>;
}

export interface SignedEnd extends TrailEnd {
  /** Empty at the beginning. */
  readonly head: string;
}

/**
 * What was last said of a trail's end, kept apart from the trail: without it nobody would see that the end was cut off.
 * It is said before the events are kept and confirmed after, for the two are in two databases.
 */
export interface Anchor {
  /** Another whenever something else is said, never the same again. A confirmation says nothing else. */
  readonly version: number;
  /** Behind the events that were about to be kept. */
  readonly end: SignedEnd;
  /** Before them: the trail's end if they were not kept after all. Undefined once confirmed. */
  readonly before: SignedEnd | undefined;
}

/** Somebody else has said since where the trail ends: this turn at it is over. Another may go well. */
export class AnchorMovedError extends Error {
  override readonly name = "AnchorMovedError";

  constructor() {
    super("an audit trail's end was announced by another process meanwhile");
  }
}

/**
 * Where anchors are kept: in the key store's database. Who has lost its turn in the record's, and does not know, must not
 * say anything more: what is said is said instead of what was `seen`, `undefined` for nothing, and of nothing newer.
 */
export interface AuditAnchors {
  read(tenantId: string): Promise<Anchor | undefined>;
  /**
   * Says where the trail will end.
   *
   * @throws AnchorMovedError
   */
  announce(tenantId: string, seen: Anchor | undefined, before: SignedEnd, end: SignedEnd): Promise<void>;
  /** What was announced last has come true; nothing happens where something else was announced since. */
  confirm(tenantId: string, end: SignedEnd): Promise<void>;
  /**
   * The trail ends here, whatever was announced.
   *
   * @throws AnchorMovedError
   */
  settle(tenantId: string, seen: Anchor, end: SignedEnd): Promise<void>;
  /** Tenants whose last announcement nobody has confirmed for longer than this. */
  unconfirmed(idleMs: number, limit: number): Promise<string[]>;
}

/** Which of the announced ends the trail has, if any: `undefined` says that somebody else has written or removed there. */
export function agreedEnd(anchor: Anchor | undefined, last: TrailEnd): SignedEnd | undefined {
  if (!anchor) return last.sequence === 0 ? { ...last, head: "" } : undefined;
  return [anchor.end, anchor.before].find((end) => end !== undefined && isSame(end, last));
}

export function isSame(a: TrailEnd, b: TrailEnd): boolean {
  return a.sequence === b.sequence && Buffer.compare(a.hash, b.hash) === 0;
}

/** Whether nothing was said of the trail's end between the two, and nothing confirmed. */
export function isSameAnchor(a: Anchor | undefined, b: Anchor | undefined): boolean {
  if (!a || !b) return a === b;
  if (!isSame(a.end, b.end)) return false;
  return a.before && b.before ? isSame(a.before, b.before) : a.before === b.before;
}

/** What the trail has reached for sure: what was announced since may not have come true. */
export function settledEnd(anchor: Anchor | undefined): SignedEnd | undefined {
  return anchor?.before ?? anchor?.end;
}
