import { memoryNotFound } from "@mneme/core/memory/get-memory.ts";
import type { Tenancy } from "@mneme/core/tenancy/caller.ts";
import type { Scope, ScopeIds } from "@mneme/core/tenancy/scope.ts";
import pg from "pg";
import type { Database, TenantTransaction } from "../database.ts";
import { FENCE, NOT_EXPIRED, NOT_FENCED } from "../memory-rows.ts";
import { speakFor, type TenantReader } from "../read-together.ts";
import { lookUpScope } from "../scope-lookup.ts";
import { ensureScope, lockSubject } from "../scopes.ts";

/** Who says something: a person, or the application where there is none; and under which key it is sealed. */
export interface Giver {
  readonly subject: ScopeIds["subject"];
  readonly keyId: string;
}

/** Whom a scope speaks for; undefined where it names nobody, or somebody who is not known yet. */
export async function lookUpGiver(
  reader: TenantReader,
  scope: Scope | undefined,
  signal?: AbortSignal,
): Promise<ScopeIds | undefined> {
  return scope && (await lookUpScope(reader, scope, signal))?.ids;
}

/**
 * Finds, or makes, who says something of a memory that they may see: of a person's memories that person alone and the
 * application, of shared ones, also of what a person told a team, whoever reaches them.
 *
 * @param memoryId undefined where no memory is spoken of.
 * @param seenBy whose grants hold.
 * @throws MnemeError MEMORY_NOT_FOUND, SUBJECT_FENCED, USER_TOKEN_SCOPE.
 */
export async function requireGiver(
  database: Database,
  transaction: TenantTransaction,
  { tenantId, projectId }: Tenancy,
  said: {
    readonly scope: Scope | undefined;
    readonly memoryId: string | undefined;
    readonly seenBy: ScopeIds | undefined;
  },
): Promise<Giver> {
  const { client, reach } = transaction;
  const userId = said.scope?.userId;
  const known = await lockSubject(transaction, tenantId, userId);
  if (said.memoryId !== undefined) {
    if (said.seenBy) await speakFor(client, reach, said.seenBy);
    // Looked at before anybody is made: of what is not there nothing is left behind.
    const { rowCount } = await client.query({
      name: "memory_seen_by",
      text: `select from memories m ${FENCE} where m.tenant_id = $1 and m.project_id = $2 and m.id = $3
               and ${NOT_EXPIRED} and ${NOT_FENCED} and (m.subject_id is null or m.team_id is not null or $4 or m.subject_id = $5)`,
      values: [tenantId, projectId, said.memoryId, userId === undefined, known?.id ?? null],
    });
    if (!rowCount) throw memoryNotFound(said.memoryId);
  }
  if (userId === undefined) return { subject: undefined, keyId: transaction.projectKeyId };
  const { ids, keyId } = await ensureScope(database, transaction, tenantId, { userId }, known);
  return { subject: ids.subject, keyId };
}

const FOREIGN_KEY_VIOLATION = "23503";

/** Writes what refers to a memory. @throws MnemeError MEMORY_NOT_FOUND where it was deleted since it was looked at. */
export async function whileMemoryIsThere<T>(
  memoryId: string | undefined,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const isGone = error instanceof pg.DatabaseError && error.code === FOREIGN_KEY_VIOLATION;
    if (isGone && memoryId !== undefined) throw memoryNotFound(memoryId);
    throw error;
  }
}
