/** Whom a memory is about or shared with, in the application's own ids. At least one member is set. */
export interface Scope {
  readonly userId?: string;
  readonly agentId?: string;
  readonly appId?: string;
  readonly teamId?: string;
  readonly sessionId?: string;
  /** Instead of a team, everybody of the project, or of the tenant as far as grants reach. */
  readonly sharedWith?: "project" | "tenant";
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
  /** Also `wideScope` of a project or tenant. */
  readonly teamId: string | undefined;
  readonly sessionId: string | undefined;
  /** Where its memories lie; the project at hand if absent. */
  readonly homeProjectId?: string | undefined;
  /** Instead of all of the above: a memory of any of these places is in it. */
  readonly places?: readonly Place[] | undefined;
}

/** Where memories of one layer lie, in opaque ids. Every member must hold; of a list one, and `null` is nobody. */
export interface Place {
  readonly layer: Layer;
  readonly projectId: string;
  /** Undefined is anybody. */
  readonly subject: SubjectRef | null | undefined;
  /** Undefined is any. */
  readonly agentIds: readonly (string | null)[] | undefined;
  readonly appIds: readonly (string | null)[] | undefined;
  readonly teamIds: readonly (string | null)[];
  /** Undefined is any. */
  readonly sessionId?: string | undefined;
}

/** For whom memories are, from the nearest to the widest. */
export const LAYERS = ["session", "user", "user_agent", "agent", "app", "team", "project", "tenant"] as const;
export type Layer = (typeof LAYERS)[number];

/** One who speaks in a stream of messages. */
export interface Participant {
  readonly name: string;
  readonly role: "user" | "assistant" | "system" | "tool";
}
