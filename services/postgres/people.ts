import type { People } from "@mneme/core/tenancy/mint-user-token.ts";
import { type Database, transact } from "./database.ts";
import { ensureScope, lockSubject } from "./scopes.ts";

/** The persons of tenants. */
export function createPeople(database: Database): People {
  return {
    ensure: (tenancy, userId, signal) =>
      transact(
        database,
        tenancy,
        async (transaction) => {
          const { tenantId } = tenancy;
          const known = await lockSubject(transaction, tenantId, userId);
          const { ids } = await ensureScope(database, transaction, tenantId, { userId }, known);
          if (!ids.subject) throw new Error("a scope of a person has no subject");
          return ids.subject;
        },
        signal,
      ),
  };
}
