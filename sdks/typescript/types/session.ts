import type { Message } from "./message.ts";
import type { JsonObject, Scope } from "./scope.ts";

/** A window over the running conversation. */
export interface SessionWindow {
  readonly scope: Scope;
  /** The last turns, oldest first: up to 200, and of large ones as many as 3 MiB hold. */
  readonly turns: readonly Message[];
  /** Whatever the agent keeps of its task. */
  readonly taskState: JsonObject;
  /** Turns appended so far, also those that fell out of the window. */
  readonly turnCount: number;
  /** When the window is dropped if nothing is appended. */
  readonly expireTime: Date | undefined;
  /** Names this state; send it back to write only over what you have read. */
  readonly etag: string;
}
