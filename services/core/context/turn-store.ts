import type { MessageRole } from "../memory/memory.ts";
import type { MemoryTimes } from "../memory/times.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { Scope } from "../tenancy/scope.ts";

/** A turn of a conversation whose text is kept. */
export interface KeptTurn {
  readonly messageId: string;
  readonly role: MessageRole;
  readonly name: string | undefined;
  readonly text: string;
  readonly sentAt: Date;
}

export interface TurnReading extends MemoryTimes {
  /** Has a `sessionId`; every set member restricts. */
  readonly scope: Scope;
  /** 1..200. */
  readonly limit: number;
}

/** The turns that were added, as far as they are kept. */
export interface TurnStore {
  /**
   * The newest of a conversation, newest first: of people and agents, not instructions, nor statements that were given
   * as such. Those said after `asOf`, or received after `knownAt`, are not among them, nor very long ones.
   */
  recent(tenancy: Tenancy, reading: TurnReading, signal?: AbortSignal): Promise<readonly KeptTurn[]>;
}
