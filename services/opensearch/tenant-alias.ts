import { type EngineError, engineErrorType, type IndexClient, unavailable } from "./client.ts";
import { INDEX_PREFIX } from "./template.ts";

const ALIAS_PREFIX = "mneme-t-";
/** Tenants moved by one `_aliases` call: one step for all of them. */
const MOVED_AT_ONCE = 1_000;
const INDEX_GONE = "index_not_found_exception";

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
 * Gives the tenant its alias on the current index of its pool, filtered and routed by its id, unless it has one already.
 * Safe to repeat, to race, and to be slow: the index may have been swapped between question and answer.
 * @param currentIndex asked anew each time, and never remembered.
 */
export async function ensureTenantAlias(
  client: IndexClient,
  tenantId: string,
  currentIndex: () => Promise<string>,
  signal?: AbortSignal,
) {
  const alias = tenantAlias(tenantId);
  const found = await client.send<EngineError>({ method: "GET", path: `/_alias/${alias}`, signal });
  if (found.status === 200) return;
  let aliased = "";
  for (let index = await currentIndex(); index !== aliased; index = await currentIndex()) {
    if (await readFromOnly(client, alias, index, signal)) aliased = index;
  }
}

/** Lets the tenant be read from this index instead of where it was, in one step of the engine. Safe to repeat. */
export async function swapTenantAlias(
  client: IndexClient,
  tenantId: string,
  index: string,
  signal?: AbortSignal,
) {
  if (!(await readFromOnly(client, tenantAlias(tenantId), index, signal))) throw unavailable(404, INDEX_GONE);
}

/** Off all others in the same step: a writer that saw another moment of a swap or a move may have been there first. */
function readFromOnly(client: IndexClient, alias: string, index: string, signal?: AbortSignal) {
  const leave = { remove: { index: `${INDEX_PREFIX}-*`, alias } };
  return updateAliases(client, [leave, addAction(alias, index)], signal);
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
    if (!(await updateAliases(client, actions, signal))) throw unavailable(404, INDEX_GONE);
  }
  return aliases.length;
}

/** Whether this tenant is read from this index. */
export async function isReadFrom(
  client: IndexClient,
  tenantId: string,
  index: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const path = `/_alias/${tenantAlias(tenantId)}`;
  const { status, body } = await client.send<object>({ method: "GET", path, signal });
  return status === 200 && index in body;
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

/** @returns false where nothing was changed, for an index is gone. */
async function updateAliases(
  client: IndexClient,
  actions: readonly object[],
  signal?: AbortSignal,
): Promise<boolean> {
  const answer = await client.send<EngineError>({
    method: "POST",
    path: "/_aliases",
    body: { actions },
    timeoutMs: 40_000,
    signal,
  });
  if (answer.status === 200) return true;
  const type = engineErrorType(answer.body);
  if (type === INDEX_GONE) return false;
  throw unavailable(answer.status, type);
}
