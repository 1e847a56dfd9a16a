/**
 * Whom memories are about or shared with. Any mix; at least one must be set. All are the application's own
 * ids. On reads every member that is set restricts the result.
 */
export interface Scope {
  readonly userId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly appId?: string | undefined;
  readonly teamId?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Instead of a team: everybody of the project, or of the tenant as far as grants reach. */
  readonly sharedWith?: SharedWith | undefined;
}

/** With whom memory is shared beside teams. What is shared with the tenant is written in its default project. */
export type SharedWith = "project" | "tenant";

/** A value that an application attaches to a memory and may filter by. */
export type MetadataValue = string | number | boolean;

/** Names start with a letter; at most 32 of them on a memory. */
export type Metadata = Readonly<Record<string, MetadataValue>>;

/** Anything that JSON can hold. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/** A JSON object, e.g. a session's task state. */
export type JsonObject = { readonly [key: string]: JsonValue };
