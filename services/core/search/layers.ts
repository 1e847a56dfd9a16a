import type { Tenancy } from "../tenancy/caller.ts";
import { LAYERS, type Layer, type Place, type Scope, type ScopeIds } from "../tenancy/scope.ts";
import { wideScope } from "../tenancy/wide-scope.ts";

/** Layers that a search may take along beside what is the scope's own. */
export const SHARED_LAYERS = ["agent", "app", "team", "project", "tenant"] as const;
export type SharedLayer = (typeof SHARED_LAYERS)[number];

/** What is known of a scope where shared layers are looked for. */
export interface LayeredScope {
  readonly ids: ScopeIds;
  /** Teams that grants let it read, `wideScope`s among them; undefined for all. */
  readonly teams: readonly string[] | undefined;
  /** Where what is shared with the whole tenant lies. */
  readonly defaultProjectId: string;
}

/** What the score of a memory of a layer is multiplied by, `1` of the nearest. @param step see `MultiplierOptions.layer`. */
export function layerFactor(layer: Layer, step: number): number {
  return 1 - step * LAYERS.indexOf(layer);
}

/** Whether the first is the nearer one; of what no layer is known nothing is. */
export function isNearer(a: Layer | undefined, b: Layer | undefined): boolean {
  return a !== undefined && b !== undefined && LAYERS.indexOf(a) < LAYERS.indexOf(b);
}

/**
 * Where a search looks that takes shared layers along: what is the user's own always, of the others those that are wanted,
 * named and granted. Where the scope names no user, the layers that it names are its own. Nobody else's personal memory
 * lies in any of these places.
 *
 * @returns each layer at most once, the nearest first; none where nothing may be shown.
 */
export function placesOf(
  tenancy: Pick<Tenancy, "tenantId" | "projectId" | "reach">,
  scope: Scope,
  found: LayeredScope,
  wanted: readonly SharedLayer[],
): Place[] {
  const shared = new Set<SharedLayer>([...wanted, ...(scope.userId === undefined ? namedBy(scope) : [])]);
  const own = ownPlaces(tenancy.projectId, scope, found.ids);
  // Of agents and applications there are no grants: a user's token reaches what is told to it, or granted.
  const isToken = tenancy.reach?.subject !== undefined;
  const theirs = isToken
    ? []
    : agentAndApp(tenancy.projectId, found.ids).filter(({ layer }) => shared.has(layer));
  return [...own, ...theirs, ...granted(tenancy, scope, found, shared)];
}

function namedBy({ agentId, appId, teamId, sharedWith }: Scope): SharedLayer[] {
  return [
    ...(agentId === undefined ? [] : ["agent" as const]),
    ...(appId === undefined ? [] : ["app" as const]),
    ...(teamId === undefined ? [] : ["team" as const]),
    ...(sharedWith === undefined ? [] : [sharedWith]),
  ];
}

/** What the user told, or in a scope without a user its session: by itself, and to the agent. */
function ownPlaces(
  projectId: string,
  scope: Scope,
  { subject, agentId, appId, sessionId }: ScopeIds,
): Place[] {
  const alone = { projectId, appIds: idsOf(scope.appId, appId), teamIds: [null] };
  const agentIds = idsOf(scope.agentId, agentId);
  const session: Place[] = sessionId
    ? [{ ...alone, layer: "session", subject: subject ?? null, agentIds, sessionId }]
    : [];
  if (!subject) return scope.userId === undefined ? session : [];
  const user: Place = { ...alone, layer: "user", subject, agentIds: agentIds && [null] };
  const toAgent: Place[] = agentId ? [{ ...alone, layer: "user_agent", subject, agentIds: [agentId] }] : [];
  return [...session, user, ...toAgent];
}

/** Told to nobody or to whom the scope names; one that is named and not known is nobody. */
function idsOf(named: string | undefined, id: string | undefined): (string | null)[] | undefined {
  if (named === undefined) return undefined;
  return id === undefined ? [null] : [null, id];
}

function agentAndApp(
  projectId: string,
  { agentId, appId }: ScopeIds,
): (Place & { readonly layer: SharedLayer })[] {
  const nobodys = { projectId, subject: null, teamIds: [null] };
  const appIds = appId ? [null, appId] : undefined;
  return [
    ...(agentId ? [{ ...nobodys, layer: "agent" as const, agentIds: [agentId], appIds }] : []),
    ...(appId ? [{ ...nobodys, layer: "app" as const, agentIds: [null], appIds: [appId] }] : []),
  ];
}

/** Of what is granted but not wanted the user's own statements are found all the same. */
function granted(
  { tenantId, projectId }: Pick<Tenancy, "tenantId" | "projectId">,
  scope: Scope,
  { ids, teams, defaultProjectId }: LayeredScope,
  wanted: ReadonlySet<SharedLayer>,
): Place[] {
  const wide = { project: wideScope(projectId), tenant: wideScope(tenantId) };
  const isWide = (id: string) => id === wide.project || id === wide.tenant;
  const mayRead = (id: string) => teams === undefined || teams.includes(id);
  // A team that is named and not known, or not granted, is none: not any of the others instead.
  const isUnknown = scope.teamId !== undefined && ids.teamId === undefined;
  const isOne = ids.teamId !== undefined && !isWide(ids.teamId);
  const named = isUnknown ? [] : isOne ? [ids.teamId] : undefined;
  const all: readonly [SharedLayer, string, readonly string[]][] = [
    ["team", projectId, named ?? (teams ?? []).filter((id) => !isWide(id))],
    ["project", projectId, [wide.project].filter(mayRead)],
    ["tenant", defaultProjectId, [wide.tenant].filter(mayRead)],
  ];
  return all.flatMap(([layer, home, teamIds]): Place[] => {
    const subject = wanted.has(layer) ? undefined : ids.subject;
    if (teamIds.length === 0 || (!subject && !wanted.has(layer))) return [];
    return [{ layer, projectId: home, subject, agentIds: undefined, appIds: undefined, teamIds }];
  });
}
