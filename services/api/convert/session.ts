import { create, type JsonObject } from "@bufbuild/protobuf";
import { invalidField } from "@mneme/core/errors.ts";
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

const MAX_TASK_STATE_BYTES = 64 * 1024;

/** @throws MnemeError FIELD_INVALID when it is larger than 64 KiB as JSON. */
export function toTaskState(wire: JsonObject): Session["taskState"] {
  if (Buffer.byteLength(JSON.stringify(wire)) > MAX_TASK_STATE_BYTES) {
    throw invalidField("task_state", `must be at most ${MAX_TASK_STATE_BYTES} bytes as JSON`);
  }
  return wire as Session["taskState"];
}
