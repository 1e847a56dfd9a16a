import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { type SharedWith, wideScope } from "@mneme/core/tenancy/wide-scope.ts";
import { LRUCache } from "lru-cache";
import type { Query, TenantReader } from "./read-together.ts";

/** The scope columns of a row. */
export interface ScopeColumns {
  readonly subject_id: string | null;
  readonly agent_id: string | null;
  readonly app_id: string | null;
  readonly team_id: string | null;
  readonly session_id: string | null;
}

interface NameRow {
  readonly id: string;
  readonly name_ct: Buffer | null;
  readonly subject: boolean;
}

const MEMBERS = [
  ["subject_id", "userId"],
  ["agent_id", "agentId"],
  ["app_id", "appId"],
  ["team_id", "teamId"],
  ["session_id", "sessionId"],
] as const;

/**
 * Outside ids by opaque id, for a short while: what names a person is not held longer than its key. The
 * rows they are shown with are checked against the fence every time, so this is never what decides.
 */
const names = new LRUCache<string, string>({ max: 50_000, ttl: 30_000 });

/** Remembers outside ids that a caller has just named. */
export function rememberName(tenantId: string, id: string | undefined, name: string | undefined): void {
  if (id !== undefined && name !== undefined) names.set(`${tenantId}/${id}`, name);
}

/**
 * Opens the outside ids of many rows' scopes; reads only those that are not at hand.
 *
 * @returns one scope a row, in order; a member whose key is gone is left out.
 */
export async function openScopes(
  reader: TenantReader,
  rows: readonly ScopeColumns[],
  signal?: AbortSignal,
): Promise<Scope[]> {
  const { tenantId, content } = reader;
  const own = rows.map((row) => withoutOthers(row, reader));
  const wanted = new Set(own.flatMap((row) => MEMBERS.flatMap(([column]) => row[column] ?? [])));
  const known = new Map<string, string>();
  for (const id of wanted) {
    const name = names.get(`${tenantId}/${id}`);
    if (name !== undefined) known.set(id, name);
  }
  const missing = [...wanted].filter((id) => !known.has(id));
  if (missing.length > 0) {
    const [found] = await reader.read([namesQuery(tenantId, missing)], signal);
    for (const row of found) {
      const column = row.subject ? "subjects.user" : "scope_refs.ref";
      const name = await content.openText(column, row.name_ct);
      if (name === undefined) continue;
      known.set(row.id, name);
      rememberName(tenantId, row.id, name);
    }
  }
  const shared = new Map([
    [wideScope(reader.projectId), "project"],
    [wideScope(tenantId), "tenant"],
  ] as const);
  return own.map((row) => scopeOf(row, known, shared));
}

function namesQuery(tenantId: string, ids: readonly string[]): Query<NameRow> {
  return {
    name: "scope_names",
    text: `select id, user_ct as name_ct, true as subject from subjects
           where tenant_id = $1 and id = any ($2::uuid[])
           union all
           select id, ref_ct, false from scope_refs where tenant_id = $1 and id = any ($2::uuid[])`,
    values: [tenantId, ids],
  };
}

/** A user's token is told who else's a shared memory is by the name they speak under alone. */
function withoutOthers(row: ScopeColumns, { reach }: TenantReader): ScopeColumns {
  const isOthers = reach?.subject !== undefined && row.subject_id !== reach.subject.id;
  return isOthers ? { ...row, subject_id: null, session_id: null } : row;
}

function scopeOf(
  row: ScopeColumns,
  known: ReadonlyMap<string, string>,
  shared: ReadonlyMap<string, SharedWith>,
): Scope {
  const scope: { -readonly [key in keyof Scope]: Scope[key] } = {};
  for (const [column, member] of MEMBERS) {
    const id = row[column];
    const name = id === null ? undefined : known.get(id);
    if (name !== undefined) scope[member] = name;
  }
  const sharedWith = row.team_id === null ? undefined : shared.get(row.team_id);
  if (sharedWith) scope.sharedWith = sharedWith;
  return scope;
}
