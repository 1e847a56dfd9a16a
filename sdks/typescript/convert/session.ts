import type { Session as WireSession } from "@mneme/proto/mneme/session/v1/session_pb.js";
import type { SessionWindow } from "../types/session.ts";
import { messageFromWire } from "./message.ts";
import { scopeFromWire } from "./scope.ts";
import { toDate } from "./time.ts";

export function sessionFromWire(session: WireSession | undefined): SessionWindow {
  return {
    scope: scopeFromWire(session?.scope),
    turns: (session?.turns ?? []).map(messageFromWire),
    taskState: session?.taskState ?? {},
    turnCount: Number(session?.turnCount ?? 0n),
    expireTime: toDate(session?.expireTime),
    etag: session?.etag ?? "",
  };
}
