import { AsyncLocalStorage } from "node:async_hooks";

/**
 * The tenant whose credentials the work at hand holds. Adapters take the tenant of their fences from here, and not from
 * what they are asked for: a handler that asks for another tenant's data, by whatever mistake, stands behind its own
 * fence. Background work holds no credentials.
 */
const held = new AsyncLocalStorage<string | undefined>();

/** Runs work, and all that it starts, with this tenant's credentials. */
export function asTenant<T>(tenantId: string, work: () => T): T {
  return held.run(tenantId, work);
}

/** Runs what is not the caller's own work: gathered writes of many tenants, say. */
export function asNobody<T>(work: () => T): T {
  return held.run(undefined, work);
}

/** Undefined in background work. */
export function credentialTenant(): string | undefined {
  return held.getStore();
}
