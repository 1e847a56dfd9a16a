/** One call, or one act of the service itself: ids and pseudonyms, never content. */
export interface AuditEvent {
  readonly id: string;
  /** Its place in the trail, from 1 on, without gaps. */
  readonly sequence: number;
  readonly time: Date;
  /** The RPC's full name, e.g. `mneme.memory.v1.MemoryService/GetMemory`, or an act of the service. */
  readonly action: string;
  readonly actor: AuditActor;
  readonly projectId: string;
  readonly requestId: string;
  /** `ok`, or a Connect code such as `not_found`. */
  readonly code: string;
  /** Empty where it succeeded. */
  readonly reason: string;
  /** Opaque ids of the people that it was about. */
  readonly subjectIds: readonly string[];
  /** What was read or changed; of very many the first 1,000. */
  readonly resources: readonly AuditResource[];
  /** Of all of them. */
  readonly resourceCount: number;
  /** SHA-256 of the event before it and of this one, in hexadecimal. */
  readonly hash: string;
}

/** Who acted; what does not apply is empty. */
export interface AuditActor {
  /** The API key, or the one that minted the user's token. */
  readonly apiKeyId: string;
  /** Of a user's token: the opaque id of that user. */
  readonly subjectId: string;
  /** Of an act of the service itself: which part. */
  readonly service: string;
}

export interface AuditResource {
  /** memory, extraction, session, project, team, grant, api_key, tenant, tenant_key. */
  readonly type: string;
  readonly id: string;
}

/** What is wrong with a trail. */
export type AuditFlaw = "changed" | "missing" | "truncated" | "added" | "signature";

/** What the server found in its own trail. */
export interface AuditVerification {
  readonly valid: boolean;
  /** Events looked at. */
  readonly checked: number;
  /** The last place that is as it was: the trail's end, where nothing is wrong. */
  readonly lastSequence: number;
  /** The hash there, in hexadecimal: keep it, to go on behind it another time. */
  readonly lastHash: string;
  /** What is wrong at the first place where something is. */
  readonly flaw: AuditFlaw | undefined;
  readonly flawSequence: number | undefined;
  /** The last signed head, a JWS: keep it, to prove later that the trail up to there is the same. */
  readonly signedHead: string;
}
