import type { JsonObject as WireJsonObject } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { SessionService } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "./caller.ts";
import { messageToWire } from "./convert/message.ts";
import { scopeToWire } from "./convert/scope.ts";
import { sessionFromWire } from "./convert/session.ts";
import type { Message } from "./types/message.ts";
import type { JsonObject, Scope } from "./types/scope.ts";
import type { SessionWindow } from "./types/session.ts";

/** How to append to a session's window. */
export interface AppendOptions extends WriteOptions {
  /** Replaces the task's state; at most 64 KiB as JSON. */
  readonly taskState?: JsonObject | undefined;
  /** Only over this state of the window. */
  readonly etag?: string | undefined;
  /** Seconds until the window is dropped, up to 7 days; 24 hours if unset. */
  readonly ttlSeconds?: number | undefined;
}

/** What of a session's window to read. */
export interface WindowOptions extends CallOptions {
  /** Only the last so many turns, up to 200. */
  readonly lastTurns?: number | undefined;
}

/** The calls on one session's window. */
export class SessionCalls {
  readonly #caller: Caller;
  readonly #scope: Scope;
  readonly #rpc: Client<typeof SessionService>;

  constructor(caller: Caller, scope: Scope) {
    this.#caller = caller;
    this.#scope = scope;
    this.#rpc = caller.client(SessionService);
  }

  async append(turns: readonly Message[], options: AppendOptions): Promise<SessionWindow> {
    const request = {
      scope: scopeToWire(this.#scope),
      turns: turns.map((turn, index) => messageToWire(turn, `turns[${index}]`)),
      etag: options.etag ?? "",
      ttlSeconds: options.ttlSeconds ?? 0,
      requestId: requestIdOf(options),
      ...(options.taskState === undefined ? {} : { taskState: options.taskState as WireJsonObject }),
    };
    const response = await this.#caller.call(options, (call) => this.#rpc.appendSession(request, call));
    return sessionFromWire(response.session);
  }

  async get(options: WindowOptions): Promise<SessionWindow> {
    const request = { scope: scopeToWire(this.#scope), lastTurns: options.lastTurns ?? 0 };
    const response = await this.#caller.call(options, (call) => this.#rpc.getSession(request, call));
    return sessionFromWire(response.session);
  }

  async end(options: WriteOptions): Promise<void> {
    const request = { scope: scopeToWire(this.#scope), requestId: requestIdOf(options) };
    await this.#caller.call(options, (call) => this.#rpc.endSession(request, call));
  }
}
