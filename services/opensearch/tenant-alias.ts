import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";

const ALIAS_PREFIX = "mneme-t-";
/** Tenants moved by one `_aliases` call: one step for all of them. */
const MOVED_AT_ONCE = 1_000;

/**
 * The name under which a tenant is read.
 * @throws Error for an id with anything but letters, digits and dashes: a `*` or `,` would name others' aliases.
 */
export function tenantAlias(tenantId: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(tenantId))
    throw new Error("a tenant id has lower-case letters, digits and dashes");
  return `${ALIAS_PREFIX}${tenantId}`;
}

/**
 * Gives the tenant its alias on `index`, filtered and routed by its id, unless it has one already.
 * Safe to repeat and to race.
 */
export async function ensureTenantAlias(
  client: IndexClient,
  tenantId: string,
  index: string,
  signal?: AbortSignal,
) {
  const alias = tenantAlias(tenantId);
  const found = await client.send<EngineError>({ method: "GET", path: `/_alias/${alias}`, signal });
  if (found.status === 200) return;
  await updateAliases(client, [addAction(alias, index)], signal);
}

/** Moves every tenant's alias from one index to another; each call of the engine is one atomic step. */
export async function moveTenantAliases(
  client: IndexClient,
  from: string,
  to: string,
  signal?: AbortSignal,
): Promise<number> {
  const aliases = await tenantAliases(client, from, signal);
  for (let start = 0; start < aliases.length; start += MOVED_AT_ONCE) {
    const actions = aliases
      .slice(start, start + MOVED_AT_ONCE)
      .flatMap((alias) => [addAction(alias, to), { remove: { index: from, alias } }]);
    await updateAliases(client, actions, signal);
  }
  return aliases.length;
}

/** Whether any tenant is read from this index. */
export async function hasTenantAliases(client: IndexClient, index: string, signal?: AbortSignal) {
  return (await tenantAliases(client, index, signal)).length > 0;
}

async function tenantAliases(client: IndexClient, index: string, signal?: AbortSignal): Promise<string[]> {
  const answer = await client.send<Record<string, { aliases?: Record<string, unknown> }>>({
    method: "GET",
    path: `/${index}/_alias/${ALIAS_PREFIX}*`,
    signal,
  });
  if (answer.status === 404) return [];
  return Object.keys(answer.body[index]?.aliases ?? {});
}

function addAction(alias: string, index: string) {
  const tenantId = alias.slice(ALIAS_PREFIX.length);
  return { add: { index, alias, routing: tenantId, filter: { term: { tenant_id: tenantId } } } };
}

async function updateAliases(client: IndexClient, actions: readonly object[], signal?: AbortSignal) {
  const answer = await client.send<EngineError>({
    method: "POST",
    path: "/_aliases",
    body: { actions },
    timeoutMs: 40_000,
    signal,
  });
  if (answer.status !== 200) throw unavailable(answer.status, engineErrorType(answer.body));
}
