import { MnemeError } from "../errors.ts";

/** What is waited for while it is away: its absence says nothing about the message that was being worked. */
const AWAITED = new Set(["postgres", "opensearch", "model", "key_provider", "tenant_key_provider"]);

/**
 * True while an engine, a model's server or the tenant's key is away; such a try does not count. A key that its tenant
 * has revoked may come back: what was accepted waits for it.
 */
export function isOutage(error: unknown): boolean {
  if (!(error instanceof MnemeError) || error.kind === "cancelled") return false;
  if (error.reason === "TENANT_KEY_REVOKED") return true;
  return error.reason === "DEPENDENCY_UNAVAILABLE" && AWAITED.has(error.metadata.dependency ?? "");
}
