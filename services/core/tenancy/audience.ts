import { createHash } from "node:crypto";
import type { ScopeIds } from "./scope.ts";

/** Nobody but the person, or the shared scope, itself. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

/**
 * A name, shaped as a UUID, for whom a scope shares its conversation with: its agent, app and team. One
 * person's messages are worked in one order, but what is said to one audience is neither context nor a
 * duplicate nor a source for what is said to another. Sessions are no audience: they are times at which the
 * same ones talk.
 */
export function audienceOf({
  agentId,
  appId,
  teamId,
}: Pick<ScopeIds, "agentId" | "appId" | "teamId">): string {
  if (!agentId && !appId && !teamId) return NOBODY;
  const members = [agentId, appId, teamId].map((id) => id ?? "").join("/");
  const hex = createHash("sha256").update(members).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
