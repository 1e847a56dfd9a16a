import type {
  ApiKey,
  Grant,
  Grantee,
  Limits,
  Placement,
  Project,
  Settings,
  Team,
  Tenant,
  TenantKey,
} from "@mneme/sdk";
import { facts, table } from "./table.ts";
import { clean, formatDate } from "./text.ts";

const ID = 38;
const DATE = 18;

export function tenantTable(tenants: readonly Tenant[], width: number): string {
  return table(
    [
      { head: "id", width: ID },
      { head: "name" },
      { head: "state", width: 11 },
      { head: "made", width: DATE },
    ],
    tenants.map(({ id, name, state, createTime }) => [id, name, state ?? "", formatDate(createTime)]),
    width,
  );
}

export function tenantFacts({ id, name, state, limits, defaultProjectId, createTime, etag }: Tenant): string {
  return facts([
    ["tenant", name],
    ["id", id],
    ["state", state],
    ["default project", defaultProjectId],
    ["limits", limitsText(limits)],
    ["made", formatDate(createTime)],
    ["etag", etag],
  ]);
}

export function projectTable(projects: readonly Project[], width: number): string {
  return table(
    [
      { head: "id", width: ID },
      { head: "name" },
      { head: "state", width: 11 },
      { head: "made", width: DATE },
    ],
    projects.map(({ id, name, state, createTime }) => [id, name, stateOf(state), formatDate(createTime)]),
    width,
  );
}

export function projectFacts({ id, name, state, limits, createTime, etag }: Project): string {
  return facts([
    ["project", name],
    ["id", id],
    ["state", stateOf(state)],
    ["limits", limitsText(limits)],
    ["made", formatDate(createTime)],
    ["etag", etag],
  ]);
}

/** A project is archived where a tenant is suspended. */
const stateOf = (state: Project["state"]) => (state === "suspended" ? "archived" : (state ?? ""));

export function teamTable(teams: readonly Team[], width: number): string {
  return table(
    [{ head: "id" }, { head: "name" }, { head: "made", width: DATE }],
    teams.map(({ id, name, createTime }) => [id, name, formatDate(createTime)]),
    width,
  );
}

export function grantTable(grants: readonly Grant[], width: number): string {
  return table(
    [
      { head: "id", width: ID },
      { head: "memory of" },
      { head: "reached by" },
      { head: "to", width: 7 },
      { head: "until", width: DATE },
    ],
    grants.map((grant) => [
      grant.id,
      grantedOf(grant).join(" "),
      granteeText(grant.grantee),
      grant.access ?? "",
      formatDate(grant.expireTime),
    ]),
    width,
  );
}

export function grantFacts(grant: Grant): string {
  const { id, grantee, access, expireTime } = grant;
  return facts([
    grantedOf(grant),
    ["reached by", granteeText(grantee)],
    ["to", access],
    ["until", formatDate(expireTime)],
    ["id", id],
  ]);
}

function grantedOf({ teamId, ofProjectId, ofTenant }: Grant): [string, string] {
  if (ofTenant) return ["shared with", "the tenant"];
  return ofProjectId === undefined ? ["team", teamId ?? ""] : ["shared with", `project ${ofProjectId}`];
}

const GRANTEES: Readonly<Record<string, string>> = {
  userId: "user",
  agentId: "agent",
  appId: "application",
  teamId: "who reaches",
  apiKeyId: "key",
  projectId: "project",
};

function granteeText(grantee: Grantee | undefined): string {
  const [[member, id] = ["", "somebody"]] = Object.entries(grantee ?? {});
  return [GRANTEES[member], id].filter(Boolean).join(" ");
}

export function keyTable(keys: readonly ApiKey[], width: number): string {
  return table(
    [
      { head: "id", width: ID },
      { head: "name" },
      { head: "begins with", width: 14 },
      { head: "roles" },
      { head: "used", width: DATE },
      { head: "ends", width: DATE },
    ],
    keys.map((key) => [
      key.id,
      key.projectId === undefined ? key.name : `${key.name} (project ${key.projectId})`,
      key.prefix,
      key.roles.join(", "),
      formatDate(key.lastUseTime) || "never",
      endOf(key),
    ]),
    width,
  );
}

export function keyFacts(key: ApiKey): string {
  return facts([
    ["key", key.name],
    ["id", key.id],
    ["begins with", key.prefix],
    ["may", key.roles.join(", ")],
    ["reaches", key.projectId === undefined ? "all projects" : `project ${key.projectId}`],
    ["limits", limitsText(key.limits)],
    ["made", formatDate(key.createTime)],
    ["used", formatDate(key.lastUseTime)],
    ["ends", endOf(key)],
    ["replaced by", key.replacedBy],
  ]);
}

function endOf({ revokeTime, expireTime }: ApiKey): string {
  return revokeTime === undefined ? formatDate(expireTime) : `revoked ${formatDate(revokeTime)}`;
}

export function placementFacts({ pool, movingTo, updateTime }: Placement): string {
  return facts([
    ["read from", pool],
    ["moves to", movingTo],
    ["since", formatDate(updateTime)],
  ]);
}

export function tenantKeyFacts({
  version,
  provider,
  transit,
  state,
  keysToRewrap,
  createTime,
}: TenantKey): string {
  return facts([
    ["state", state],
    ["version", `${version} of ${formatDate(createTime)}`],
    ["wrapped by", provider === "tenant" ? "the tenant's own key" : "the deployment"],
    ["at", transit && [transit.url, transit.namespace, transit.mount, transit.key].filter(Boolean).join(" ")],
    ["to wrap anew", keysToRewrap === 0 ? undefined : `${keysToRewrap} data keys`],
  ]);
}

const NO_LIMITS = "the deployment's";

/** Limits, one a line. */
export function limitFacts(limits: Limits): string {
  const set = limitEntries(limits);
  return set.length === 0 ? `No limits of its own: ${NO_LIMITS} hold.` : facts(set);
}

function limitsText(limits: Limits): string | undefined {
  const text = limitEntries(limits).map(([name, limit]) => `${name} ${limit}`);
  return text.length === 0 ? undefined : text.join(", ");
}

function limitEntries(limits: Limits): (readonly [string, string])[] {
  return Object.entries(limits).map(([name, limit]) => [snake(name).replaceAll("_", " "), String(limit)]);
}

/**
 * Settings, one a line, by the paths that `mneme admin settings set` takes.
 * @param effective what holds; what of it the level does not set itself is marked.
 */
export function settingFacts(settings: Settings, effective: Settings = settings): string {
  const own = new Map(flattened(settings));
  const lines = flattened(effective).map(
    ([path, value]) => [path, own.has(path) ? value : `${value}  (of tenant or product)`] as const,
  );
  return lines.length === 0 ? "Nothing is set: the product's defaults hold." : facts(lines);
}

function flattened(settings: object, lead = ""): (readonly [string, string])[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const path = lead + snake(name);
    const isGroup = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isGroup && lead === "") return flattened(value, `${path}.`);
    return [[path, typeof value === "string" ? clean(value) : JSON.stringify(value)] as const];
  });
}

const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
