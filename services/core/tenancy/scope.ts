/** Whom a memory is about or shared with, in the application's own ids. At least one member is set. */
export interface Scope {
  readonly userId?: string;
  readonly agentId?: string;
  readonly appId?: string;
  readonly teamId?: string;
  readonly sessionId?: string;
}

/** A person, opaque. A person who comes back after an erasure has the next epoch. */
export interface SubjectRef {
  readonly id: string;
  readonly epoch: number;
}

/** A scope in opaque ids, as the record and the index know it. */
export interface ScopeIds {
  readonly subject: SubjectRef | undefined;
  readonly agentId: string | undefined;
  readonly appId: string | undefined;
  readonly teamId: string | undefined;
  readonly sessionId: string | undefined;
}

/** One who speaks in a stream of messages. */
export interface Participant {
  readonly name: string;
  readonly role: "user" | "assistant" | "system" | "tool";
}
