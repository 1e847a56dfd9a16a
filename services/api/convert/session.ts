import { create, type JsonObject } from "@bufbuild/protobuf";
import type { Session } from "@mneme/core/session/session-store.ts";
import { SessionSchema, type Session as WireSession } from "@mneme/proto/mneme/session/v1/session_pb.js";
import { fromMessage } from "./message.ts";
import { fromScope } from "./scope.ts";
import { fromDate } from "./time.ts";

export function fromSession(session: Session): WireSession {
  return create(SessionSchema, {
    scope: fromScope(session.scope),
    turns: session.turns.map(fromMessage),
    taskState: session.taskState as JsonObject,
    turnCount: BigInt(session.turnCount),
    expireTime: fromDate(session.expiresAt),
    etag: session.etag,
  });
}

/** Any JSON object. */
export function toTaskState(wire: JsonObject): Session["taskState"] {
  return wire as Session["taskState"];
}
