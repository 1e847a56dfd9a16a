import type { Client } from "@connectrpc/connect";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { CHANGEABLE_TENANT, maskOf } from "../convert/patch-mask.ts";
import { settingsToWire } from "../convert/settings.ts";
import { tenantFromWire } from "../convert/tenancy.ts";
import type { Tenant, TenantPatch } from "../types/tenancy.ts";

/** A write that may be bound to the state that was read. */
export interface EtagWriteOptions extends WriteOptions {
  /** Only if this still is its etag; AbortedError with ETAG_MISMATCH otherwise. */
  readonly etag?: string | undefined;
}

/** The tenant of the credentials. */
export class OwnTenant {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof TenancyService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(TenancyService);
  }

  async get(options: CallOptions = {}): Promise<Tenant> {
    const { tenant } = await this.#caller.call(options, (call) => this.#rpc.getTenant({}, call));
    return tenantFromWire(tenant);
  }

  /** Changes what the patch names. */
  async update(patch: TenantPatch, options: EtagWriteOptions = {}): Promise<Tenant> {
    const request = {
      name: patch.name ?? "",
      settings: settingsToWire(patch.settings),
      updateMask: { paths: maskOf(patch, CHANGEABLE_TENANT) },
      etag: options.etag ?? "",
      requestId: requestIdOf(options),
    };
    const { tenant } = await this.#caller.call(options, (call) => this.#rpc.updateTenant(request, call));
    return tenantFromWire(tenant);
  }
}
