/** What can be read or changed and has an opaque id. */
export type ResourceType =
  | "memory"
  | "entity"
  | "extraction"
  | "replay"
  | "session"
  | "project"
  | "team"
  | "grant"
  | "api_key"
  | "tenant"
  | "tenant_key"
  | "signing_key";

export interface Resource {
  readonly type: ResourceType;
  /** Opaque: a UUID. */
  readonly id: string;
}

/** Who acted. All empty where it is not known, e.g. of a call with credentials that nobody has. */
export interface Actor {
  /** The API key, or the one that minted the user's token. */
  readonly apiKeyId: string;
  /** Of a user's token: the opaque id of that user. */
  readonly subjectId: string;
  /** Of an act of the service itself: which part, e.g. `canary`. */
  readonly service: string;
}

/** One call, or one act of the service itself: ids and pseudonyms, never content. */
export interface AuditEvent {
  /** UUIDv7. */
  readonly id: string;
  /** To the millisecond. */
  readonly time: Date;
  /** The RPC's full name with its service, or the name of an act of the service. */
  readonly action: string;
  readonly actor: Actor;
  /** Empty where the call was for no project. */
  readonly projectId: string;
  readonly requestId: string;
  /** `ok` or a Connect code. */
  readonly code: string;
  /** Empty where it succeeded. */
  readonly reason: string;
  /** Opaque ids of the people that it was about. */
  readonly subjectIds: readonly string[];
  /** Of very many the first 1,000. */
  readonly resources: readonly Resource[];
  /** Of all of them. */
  readonly resourceCount: number;
}

/** An event in its place. */
export interface ChainedEvent extends AuditEvent {
  /** From 1 on, without gaps. */
  readonly sequence: number;
  /** SHA-256 of the event before it and of this one; see `hashEvent`. */
  readonly hash: Uint8Array;
}

/** Resources and subjects that one event names. */
export const MOST_NAMED = 1_000;
