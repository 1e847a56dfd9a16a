import type { Participant, Scope, ScopeIds } from "@mneme/core/tenancy/scope.ts";
import { wideScopeOf } from "@mneme/core/tenancy/wide-scope.ts";
import type { Query, TenantReader } from "./read-together.ts";
import { rememberName } from "./scope-names.ts";
import { streamIdentity } from "./stream-identity.ts";

export interface FoundScope {
  readonly ids: ScopeIds;
  /** Who speaks in the scope's own stream. */
  readonly participants: readonly Participant[];
  /** Teams whose memory may be shown in it, projects and tenants that share theirs among them; undefined for all. */
  readonly teams: readonly string[] | undefined;
  /** Whether anything at all is said of the project's memories. */
  readonly hasFeedback: boolean;
  /** What was said in it waits for a budget. */
  readonly isHeld: boolean;
  /** Where what is shared with the whole tenant lies. */
  readonly defaultProjectId: string;
  /** Something of its person is archived because they were away. */
  readonly isAway: boolean;
}

interface ScopeRow {
  readonly subject_id: string | null;
  readonly epoch: number | null;
  readonly agent_id: string | null;
  readonly app_id: string | null;
  readonly team_id: string | null;
  readonly session_id: string | null;
  readonly participants_ct: Buffer | null;
  readonly is_held: boolean;
  readonly default_project_id: string;
  readonly is_away: boolean;
  readonly has_feedback: boolean;
  readonly teams: readonly string[];
}

/**
 * Finds a scope's opaque ids and who speaks in it, for a read. One round trip, and one more for a session
 * (a person's session is known by the person's opaque id) or a shared scope (its stream is).
 *
 * @param options `isLenient`: whoever is not known, fenced or not to be reached is left out instead.
 * @returns undefined when somebody it names is not known or not to be reached, or the person is fenced: nothing to show.
 */
export async function lookUpScope(
  reader: TenantReader,
  scope: Scope,
  signal?: AbortSignal,
  { isLenient = false }: { readonly isLenient?: boolean } = {},
): Promise<FoundScope | undefined> {
  const members = await findMembers(reader, scope, signal, isLenient);
  if (!members || !(isLenient || isComplete(scope, members.ids))) return undefined;
  const { row } = members;
  const isGranted =
    !reader.reach || members.ids.teamId === undefined || row.teams.includes(members.ids.teamId);
  // Without a grant it is as if there were no such team.
  if (!isGranted && !isLenient) return undefined;
  const ids = isGranted ? members.ids : { ...members.ids, teamId: undefined };
  let { participants_ct: participantsCt, is_held: isHeld } = row;
  const teams = reader.reach ? row.teams : undefined;
  await reader.speakFor(ids);
  if (!ids.subject) {
    const [[stream]] = await reader.read([await sharedStreamQuery(reader, ids)], signal);
    participantsCt = stream?.participants_ct ?? null;
    isHeld = stream?.is_held ?? false;
  }
  note(reader, scope, ids);
  const participants = await reader.content.openJson<Participant[]>("streams.participants", participantsCt);
  return {
    ids,
    participants: participants ?? [],
    teams,
    hasFeedback: row.has_feedback,
    isHeld,
    isAway: row.is_away,
    defaultProjectId: row.default_project_id,
  };
}

/**
 * Finds the opaque id of the session that a scope names, for which its person and session id are enough, and lets the
 * reader speak for the person, agent and app that it names.
 *
 * @returns undefined when the session, or the person that it names, is not known or fenced.
 */
export async function lookUpSession(
  reader: TenantReader,
  { teamId: _, sharedWith: __, ...scope }: Scope,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const members = await findMembers(reader, scope, signal);
  if (!members?.ids.sessionId) return undefined;
  await reader.speakFor(members.ids);
  note(reader, scope, members.ids);
  return members.ids.sessionId;
}

interface Members {
  readonly row: ScopeRow;
  readonly ids: ScopeIds;
}

/** @returns undefined when the scope names a person who is not known or fenced. */
async function findMembers(
  reader: TenantReader,
  scope: Scope,
  signal: AbortSignal | undefined,
  isLenient = false,
): Promise<Members | undefined> {
  const [[row]] = await reader.read([await scopeQuery(reader, scope)], signal);
  if (!row || (!isLenient && scope.userId !== undefined && row.subject_id === null)) return undefined;
  const subject =
    row.subject_id === null || row.epoch === null ? undefined : { id: row.subject_id, epoch: row.epoch };
  let sessionId = row.session_id ?? undefined;
  if (subject && scope.sessionId !== undefined) {
    const identity = `${subject.id}/${subject.epoch}/${scope.sessionId}`;
    const [[session]] = await reader.read([refQuery(reader, await reader.mac("session", identity))], signal);
    sessionId = session?.id;
  }
  const ids: ScopeIds = {
    subject,
    agentId: row.agent_id ?? undefined,
    appId: row.app_id ?? undefined,
    teamId: wideScopeOf(scope, reader) ?? row.team_id ?? undefined,
    sessionId,
    homeProjectId: scope.sharedWith === "tenant" ? row.default_project_id : undefined,
  };
  return { row, ids };
}

async function scopeQuery(reader: TenantReader, scope: Scope): Promise<Query<ScopeRow>> {
  const mac = (kind: "user" | "agent" | "app" | "team" | "session", value: string | undefined) =>
    value === undefined ? null : reader.mac(kind, value);
  const ref = (kind: string, parameter: number) =>
    `(select r.id from scope_refs r where r.tenant_id = $1 and r.kind = '${kind}' and r.ref_mac = $${parameter})`;
  return {
    name: "look_up_scope",
    text: `select s.*, (select default_project_id from tenants where id = $1), has_feedback($2) as has_feedback,
             array(select reachable_teams($8::uuid[] || case when $9 then '{}' else
               array_remove(array[s.subject_id, s.agent_id, s.app_id], null) end, 'read')) as teams
           from (select p.id as subject_id, p.epoch, ${ref("agent", 4)} as agent_id, ${ref("app", 5)} as app_id,
             ${ref("team", 6)} as team_id, ${ref("session", 7)} as session_id,
             (select t.participants_ct from streams t where t.tenant_id = $1 and t.project_id = $2
              and t.subject_id = p.id and t.epoch = p.epoch limit 1) as participants_ct,
             exists (select from streams h where h.tenant_id = $1 and h.project_id = $2
              and h.subject_id = p.id and h.epoch = p.epoch and h.held_until is not null) as is_held,
             exists (select from memories a where a.tenant_id = $1 and a.project_id = $2 and a.subject_id = p.id
              and a.epoch = p.epoch and a.archived_at is not null and a.archive_reason = 'inactive') as is_away
           from (select) one
           left join subjects p on p.tenant_id = $1 and p.user_mac = $3 and p.state = 'active') s`,
    values: [
      reader.tenantId,
      reader.projectId,
      await mac("user", scope.userId),
      await mac("agent", scope.agentId),
      await mac("app", scope.appId),
      await mac("team", scope.teamId),
      // A person's session needs the person first.
      scope.userId === undefined ? await mac("session", scope.sessionId) : null,
      reader.reach?.principals ?? [],
      // A user's token speaks for that user alone.
      reader.reach?.subject !== undefined,
    ],
  };
}

function refQuery(reader: TenantReader, refMac: Buffer): Query<{ id: string }> {
  return {
    name: "look_up_session",
    text: "select id from scope_refs where tenant_id = $1 and kind = 'session' and ref_mac = $2",
    values: [reader.tenantId, refMac],
  };
}

async function sharedStreamQuery(
  reader: TenantReader,
  ids: ScopeIds,
): Promise<Query<{ participants_ct: Buffer | null; is_held: boolean }>> {
  return {
    name: "look_up_shared_stream",
    text: `select participants_ct, held_until is not null as is_held from streams
           where tenant_id = $1 and project_id = $2 and identity_mac = $3`,
    values: [reader.tenantId, reader.projectId, await reader.mac("stream", streamIdentity(ids))],
  };
}

function isComplete(scope: Scope, ids: ScopeIds): boolean {
  return (
    (scope.agentId === undefined || ids.agentId !== undefined) &&
    (scope.appId === undefined || ids.appId !== undefined) &&
    (scope.teamId === undefined || ids.teamId !== undefined) &&
    (scope.sessionId === undefined || ids.sessionId !== undefined)
  );
}

/** Tells the audit, and remembers the names: what a search finds is mostly of the scope it asked for. */
function note({ tenantId, audit }: TenantReader, scope: Scope, ids: ScopeIds): void {
  audit?.about(ids.subject?.id);
  audit?.touches("session", ids.sessionId);
  rememberName(tenantId, ids.subject?.id, scope.userId);
  rememberName(tenantId, ids.agentId, scope.agentId);
  rememberName(tenantId, ids.appId, scope.appId);
  rememberName(tenantId, ids.teamId, scope.teamId);
  rememberName(tenantId, ids.sessionId, scope.sessionId);
}
