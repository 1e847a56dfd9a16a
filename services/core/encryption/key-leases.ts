import { LRUCache } from "lru-cache";
import { asHeard, isRevocation } from "./tenant-key.ts";

/** A tenant's unwrapped key, every version that wraps a data key. */
export interface OpenTenantKey {
  /** What new data keys are wrapped with; 0 where there is none yet. */
  readonly newest: number;
  readonly versions: ReadonlyMap<number, Uint8Array>;
}

export interface KeyLeasesOptions {
  /** Asks the record and the provider. @throws KeyRefusedError where the provider refuses any version. */
  readonly open: (tenantId: string) => Promise<OpenTenantKey>;
  /** Told when the tenant's own provider refuses, before anybody hears of it. */
  readonly onRefused?: (tenantId: string) => void;
  /** Tenants held at once; 10,000 by default. */
  readonly most?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Asked again in the background once it is older: a call in steady state waits for nobody. */
export const RECHECK_MS = 15_000;
/** Used no longer than this unless the provider agrees anew. */
export const HOLD_MS = 30_000;
/** While the provider does not answer, or the deployment's refuses, an unwrapped key is used so long after it last agreed, and no longer. */
export const OUTAGE_MS = 5 * 60_000;
/** A refusal or an outage is believed so long before the provider is asked again. */
export const DOUBT_MS = 2_000;

interface Lease {
  key?: OpenTenantKey | undefined;
  /** When the question was asked that the provider answered with yes. */
  agreedAt: number;
  /** The last answer, where it was none or a no. */
  fault?: { readonly error: unknown; readonly at: number } | undefined;
  pending?: Promise<OpenTenantKey> | undefined;
}

/** Tenants' keys, held unwrapped no longer than their providers agree to. */
export class KeyLeases {
  readonly #options: KeyLeasesOptions;
  readonly #now: () => number;
  readonly #leases: LRUCache<string, Lease>;

  constructor(options: KeyLeasesOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#leases = new LRUCache({ max: options.most ?? 10_000 });
  }

  /**
   * @throws MnemeError TENANT_KEY_REVOKED while the tenant's own provider refuses, DEPENDENCY_UNAVAILABLE of
   *   `tenant_key_provider` or `key_provider` when that, or the deployment's, has not agreed for too long.
   */
  async require(tenantId: string): Promise<OpenTenantKey> {
    const lease = this.#leaseOf(tenantId);
    const { key, fault } = lease;
    const now = this.#now();
    const doubted = fault !== undefined && now - fault.at < DOUBT_MS;
    const age = now - lease.agreedAt;
    if (!key || age >= OUTAGE_MS) {
      lease.key = undefined;
      if (doubted) throw fault.error;
      return this.#ask(tenantId, lease);
    }
    if (age < RECHECK_MS) return key;
    if (age < HOLD_MS || (fault !== undefined && now - fault.at < HOLD_MS)) {
      if (!doubted) this.#ask(tenantId, lease).catch(() => undefined);
      return key;
    }
    try {
      return await this.#ask(tenantId, lease);
    } catch (error) {
      // An outage leaves the key, a refusal took it.
      if (lease.key) return lease.key;
      throw error;
    }
  }

  /** True while nobody need be asked: the way of nearly every call, which waits for nothing. */
  isFresh(tenantId: string): boolean {
    const lease = this.#leases.get(tenantId);
    return lease?.key !== undefined && this.#now() - lease.agreedAt < RECHECK_MS;
  }

  /** Asks now: what is known is not what a row needs. */
  refresh(tenantId: string): Promise<OpenTenantKey> {
    return this.#ask(tenantId, this.#leaseOf(tenantId));
  }

  /** Whoever comes next asks. */
  forget(tenantId: string): void {
    this.#leases.delete(tenantId);
  }

  #leaseOf(tenantId: string): Lease {
    const known = this.#leases.get(tenantId);
    if (known) return known;
    const lease: Lease = { agreedAt: Number.NEGATIVE_INFINITY };
    this.#leases.set(tenantId, lease);
    return lease;
  }

  #ask(tenantId: string, lease: Lease): Promise<OpenTenantKey> {
    lease.pending ??= this.#open(tenantId, lease).finally(() => {
      lease.pending = undefined;
    });
    return lease.pending;
  }

  async #open(tenantId: string, lease: Lease): Promise<OpenTenantKey> {
    const askedAt = this.#now();
    try {
      const key = await this.#options.open(tenantId);
      Object.assign(lease, { key, agreedAt: askedAt, fault: undefined });
      return key;
    } catch (error) {
      if (isRevocation(error)) {
        lease.key = undefined;
        this.#options.onRefused?.(tenantId);
      }
      const told = asHeard(error);
      lease.fault = { error: told, at: this.#now() };
      throw told;
    }
  }
}
