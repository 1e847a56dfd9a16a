import {
  mayNotShare,
  notTheDefaultProject,
  teamNotFound,
  teamReadOnly,
  userTokenScope,
} from "@mneme/core/tenancy/reach-errors.ts";
import type { Scope, ScopeIds, SubjectRef } from "@mneme/core/tenancy/scope.ts";
import type { Access } from "@mneme/core/tenancy/team-store.ts";
import { wideScopeOf } from "@mneme/core/tenancy/wide-scope.ts";
import { v7 as uuidv7 } from "uuid";
import type { Database, TenantTransaction } from "./database.ts";
import { subjectFenced } from "./fence.ts";
import { allOf } from "./pool.ts";
import { speakFor } from "./read-together.ts";

type RefKind = "agent" | "app" | "team" | "session";

/** A person as a write finds them. */
export interface SubjectRow {
  id: string;
  epoch: number;
  state: "active" | "fenced" | "erased";
  key_id: string;
}

/** A scope in opaque ids, and the key that seals what is written in it. */
export interface WritableScope {
  readonly ids: ScopeIds;
  readonly keyId: string;
}

/**
 * Finds or makes the opaque ids of a scope inside a write's transaction.
 *
 * @param known the scope's person as `lockSubject` found them in this transaction.
 * @throws MnemeError SUBJECT_FENCED when the person is being erased.
 */
export async function ensureScope(
  database: Database,
  transaction: TenantTransaction,
  tenantId: string,
  scope: Scope,
  known: SubjectRow | undefined,
): Promise<WritableScope> {
  requireOwn(transaction, scope, known);
  if (scope.sharedWith === "tenant") await requireDefaultProject(transaction, tenantId);
  const subject = scope.userId
    ? refuseFenced(known ?? (await makeSubject(database, transaction, tenantId, scope.userId)))
    : undefined;
  const keyId = subject?.key_id ?? transaction.projectKeyId;
  const owner = subject && { id: subject.id, epoch: subject.epoch };
  const find = async (kind: RefKind, value: string | undefined) =>
    value === undefined ? undefined : findRef(transaction, tenantId, kind, value, owner);
  const [agent, app, team, session] = await allOf([
    find("agent", scope.agentId),
    find("app", scope.appId),
    find("team", scope.teamId),
    find("session", scope.sessionId),
  ]);
  // One after the other: two writers who made them in different orders would wait for each other for ever.
  const make = async (kind: RefKind, value: string | undefined, known: string | undefined) =>
    known ?? (value === undefined ? undefined : makeRef(transaction, tenantId, kind, value, owner, keyId));
  const agentId = await make("agent", scope.agentId, agent);
  const appId = await make("app", scope.appId, app);
  const { projectId } = transaction;
  const teamId = wideScopeOf(scope, { tenantId, projectId }) ?? (await make("team", scope.teamId, team));
  const sessionId = await make("session", scope.sessionId, session);
  const ids: ScopeIds = { subject: owner, agentId, appId, teamId, sessionId };
  transaction.audit?.about(owner?.id);
  transaction.audit?.touches("session", sessionId);
  if (teamId !== undefined) await requireTeam(transaction, ids, teamId, scope);
  return { ids, keyId };
}

/** A user's token writes about that user alone. @throws MnemeError USER_TOKEN_SCOPE. */
function requireOwn({ reach }: TenantTransaction, scope: Scope, known: SubjectRow | undefined): void {
  if (!reach?.subject || (scope.userId !== undefined && known?.id === reach.subject.id)) return;
  throw userTokenScope();
}

/** What is shared with a tenant lies in one place, where its parts are compared. @throws MnemeError FIELD_INVALID. */
export async function requireDefaultProject(
  { client, projectId }: Pick<TenantTransaction, "client" | "projectId">,
  tenantId: string,
): Promise<void> {
  const { rows } = await client.query<{ default_project_id: string }>({
    name: "default_project",
    text: "select default_project_id from tenants where id = $1",
    values: [tenantId],
  });
  if (rows[0]?.default_project_id !== projectId) throw notTheDefaultProject();
}

/** @throws MnemeError PERMISSION_MISSING where the call may only read there, TEAM_NOT_FOUND where not even that. */
async function requireTeam(
  transaction: TenantTransaction,
  ids: ScopeIds,
  teamId: string,
  { sharedWith }: Scope,
): Promise<void> {
  const { client, reach } = transaction;
  if (!reach) return;
  await speakFor(client, reach, ids);
  if (await isReached(transaction, teamId, "write")) return;
  if (sharedWith !== undefined) throw mayNotShare();
  throw (await isReached(transaction, teamId, "read")) ? teamReadOnly() : teamNotFound();
}

/** Whether a grant lets whomever the transaction speaks for write a team's memory. */
export async function mayWriteTeam(transaction: TenantTransaction, teamId: string): Promise<boolean> {
  return !transaction.reach || isReached(transaction, teamId, "write");
}

async function isReached({ client }: TenantTransaction, teamId: string, access: Access): Promise<boolean> {
  const { rowCount } = await client.query({
    name: "reaches_team",
    text: "select from reachable_teams(current_principals(), $2) as r (id) where r.id = $1",
    values: [teamId, access],
  });
  return Boolean(rowCount);
}

/** The lock keeps a fence from falling between this look and the write. */
export async function lockSubject(
  transaction: TenantTransaction,
  tenantId: string,
  userId: string | undefined,
): Promise<SubjectRow | undefined> {
  if (userId === undefined) return undefined;
  const { rows } = await transaction.client.query<SubjectRow>({
    name: "lock_subject",
    text: `select id, epoch, state, key_id from subjects where tenant_id = $1 and user_mac = $2 for share`,
    values: [tenantId, await transaction.mac("user", userId)],
  });
  return rows[0];
}

async function makeSubject(
  database: Database,
  transaction: TenantTransaction,
  tenantId: string,
  userId: string,
): Promise<SubjectRow> {
  const keyId = await database.keys.create(tenantId, "subject");
  await transaction.client.query(
    `insert into subjects (tenant_id, id, user_mac, user_ct, key_id) values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, user_mac) do nothing`,
    [
      tenantId,
      uuidv7(),
      await transaction.mac("user", userId),
      await transaction.content.sealText(keyId, "subjects.user", userId),
      keyId,
    ],
  );
  const made = await lockSubject(transaction, tenantId, userId);
  if (!made) throw new Error("a subject vanished while it was made");
  // Somebody else made the person first: our key was never used.
  if (made.key_id !== keyId) await database.keys.destroy(tenantId, keyId);
  return made;
}

function refuseFenced(subject: SubjectRow): SubjectRow {
  if (subject.state === "active") return subject;
  throw subjectFenced();
}

/** A person's session is that person's: the same session id of another person is another session. */
function refIdentity(kind: RefKind, value: string, owner: SubjectRef | undefined): string {
  return kind === "session" && owner ? `${owner.id}/${owner.epoch}/${value}` : value;
}

async function findRef(
  transaction: TenantTransaction,
  tenantId: string,
  kind: RefKind,
  value: string,
  owner: SubjectRef | undefined,
): Promise<string | undefined> {
  const { rows } = await transaction.client.query<{ id: string }>({
    name: "find_scope_ref",
    text: "select id from scope_refs where tenant_id = $1 and kind = $2 and ref_mac = $3",
    values: [tenantId, kind, await transaction.mac(kind, refIdentity(kind, value, owner))],
  });
  return rows[0]?.id;
}

async function makeRef(
  transaction: TenantTransaction,
  tenantId: string,
  kind: RefKind,
  value: string,
  owner: SubjectRef | undefined,
  keyId: string,
): Promise<string> {
  const personal = kind === "session" ? owner : undefined;
  await transaction.client.query(
    `insert into scope_refs (tenant_id, id, kind, subject_id, epoch, ref_mac, ref_ct)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (tenant_id, kind, ref_mac) do nothing`,
    [
      tenantId,
      uuidv7(),
      kind,
      personal?.id ?? null,
      personal?.epoch ?? 0,
      await transaction.mac(kind, refIdentity(kind, value, owner)),
      await transaction.content.sealText(
        personal ? keyId : transaction.projectKeyId,
        "scope_refs.ref",
        value,
      ),
    ],
  );
  const made = await findRef(transaction, tenantId, kind, value, owner);
  if (!made) throw new Error("a scope reference vanished while it was made");
  return made;
}
