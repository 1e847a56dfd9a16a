import type { ScopeIds } from "@mneme/core/tenancy/scope.ts";

/** What a stream is known by within its project: a person in one epoch, or the members of a shared scope. */
export function streamIdentity({ subject, agentId, appId, teamId, sessionId }: ScopeIds): string {
  if (subject) return `subject/${subject.id}/${subject.epoch}`;
  return `shared/${[agentId, appId, teamId, sessionId].map((id) => id ?? "").join("/")}`;
}
