import type { Message } from "../memory/message.ts";
import type { Tenancy } from "../tenancy/caller.ts";
import type { WriteRequest } from "../tenancy/request.ts";
import type { Scope } from "../tenancy/scope.ts";

export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * The window over a running conversation: of its last 200 turns as many as one answer holds, and the task's
 * state.
 */
export interface Session {
  readonly scope: Scope;
  readonly turns: readonly Message[];
  readonly taskState: { readonly [key: string]: JsonValue };
  readonly turnCount: number;
  readonly expiresAt: Date;
  readonly etag: string;
}

export interface SessionAppend {
  readonly scope: Scope;
  readonly turns: readonly Message[];
  /** Undefined leaves it as it is. */
  readonly taskState: { readonly [key: string]: JsonValue } | undefined;
  /** Empty: any. */
  readonly etag: string;
  readonly ttlSeconds: number;
  readonly request: WriteRequest;
}

/** The hot tier. An expired window does not exist. */
export interface SessionStore {
  /**
   * @throws MnemeError ETAG_MISMATCH, SUBJECT_FENCED, REQUEST_ID_REUSED, TEAM_NOT_FOUND and PERMISSION_MISSING for a
   *   team's that no grant lets the call write, and FIELD_INVALID for a turn that no answer could hold.
   */
  append(tenancy: Tenancy, append: SessionAppend, signal?: AbortSignal): Promise<Session>;
  /** @throws MnemeError SESSION_NOT_FOUND. */
  get(tenancy: Tenancy, scope: Scope, lastTurns: number, signal?: AbortSignal): Promise<Session>;
  /** Ending a window that is not there is not an error. @throws MnemeError PERMISSION_MISSING for one it may only read. */
  end(tenancy: Tenancy, scope: Scope, request: WriteRequest, signal?: AbortSignal): Promise<void>;
}
