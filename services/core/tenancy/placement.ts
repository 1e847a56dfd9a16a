import { MnemeError } from "../errors.ts";

/** How old a process's knowledge of placements and index generations may be, milliseconds: the same in all of them. */
export const PLACES_CACHE_MS = 1_000;

/** In which pool's index a tenant's documents are. */
export interface Placement {
  readonly tenantId: string;
  /** The pool that the tenant is read from. */
  readonly pool: string;
  /** On its way there: written as well, not read yet. */
  readonly movingTo: string | undefined;
  /** Read from there until a moment ago, or given up: not written any more, but removed from. */
  readonly leaving: string | undefined;
  /** Asked for last, and neither reached nor given up: where the tenant goes next, if not to `movingTo` before. */
  readonly wanted: string | undefined;
}

/** Where tenants are. A tenant that was never moved is in the default pool. */
export interface Placements {
  /** At most `PLACES_CACHE_MS` old, one for each tenant: for every write. */
  of(tenantIds: readonly string[], signal?: AbortSignal): Promise<readonly Placement[]>;
  /** As the record has it now. */
  find(tenantId: string, signal?: AbortSignal): Promise<Placement>;
  /** Every pool that a tenant is in, comes to or leaves, and the default one; asked anew. */
  pools(signal?: AbortSignal): Promise<readonly string[]>;
}

/** The steps of a move. Each may be repeated, and changes nothing where another move has gone on from it. */
export interface PlacementStore extends Placements {
  /** The tenant is written to this pool too, from `PLACES_CACHE_MS` on: unless it moves or leaves already. */
  begin(tenantId: string, to: string, signal?: AbortSignal): Promise<Placement>;
  /** It is read from where it was moving to, and leaves where it was. */
  settle(tenantId: string, to: string, signal?: AbortSignal): Promise<Placement>;
  /** It stays where it is, leaves where it was moving to, and is not wanted there any more. */
  giveUp(tenantId: string, to: string, signal?: AbortSignal): Promise<Placement>;
  /** It is there already, so it need not be wanted there. */
  arrived(tenantId: string, pool: string, signal?: AbortSignal): Promise<Placement>;
  /** Nothing of it is left there. */
  left(tenantId: string, pool: string, signal?: AbortSignal): Promise<Placement>;
}

/** Everyone in one pool, for good. */
export function everyoneIn(pool: string): Placements {
  const still = { movingTo: undefined, leaving: undefined, wanted: undefined };
  const placed = (tenantId: string) => ({ tenantId, pool, ...still });
  return {
    of: async (tenantIds) => tenantIds.map(placed),
    find: async (tenantId) => placed(tenantId),
    pools: async () => [pool],
  };
}

/** What an operator writes instead of the name of a tenant's own pool. */
export const OWN = "own";

const OWN_POOL = /^own[0-9a-f]{32}$/;
const SHARED_POOL = /^[a-z0-9]{1,32}$/;

/** The name of the pool that a tenant has for itself. */
export function ownPool(tenantId: string): string {
  return `${OWN}${tenantId.replaceAll("-", "")}`;
}

/** Whether a pool is one tenant's own: its indices then have one shard, and end with the tenant's stay. */
export function isOwnPool(pool: string): boolean {
  return OWN_POOL.test(pool);
}

/**
 * The pool that a tenant may be moved to.
 *
 * @param wanted a shared pool's name, the tenant's own pool's, or `own` for that.
 * @throws MnemeError FIELD_INVALID for anything else, another tenant's own pool above all.
 */
export function poolFor(tenantId: string, wanted: string): string {
  const own = ownPool(tenantId);
  if (wanted === OWN || wanted === own) return own;
  if (SHARED_POOL.test(wanted)) return wanted;
  const description = "name a shared pool (up to 32 lower-case letters and digits), or write own";
  throw new MnemeError("invalid_argument", "FIELD_INVALID", `pool: ${description}`, {
    fields: [{ field: "pool", description }],
  });
}
