import type { Client } from "@connectrpc/connect";
import { OperatorService } from "@mneme/proto/mneme/operator/v1/operator_service_pb.js";
import type { Placement as WirePlacement } from "@mneme/proto/mneme/operator/v1/placement_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { madeApiKeyFromWire } from "../convert/access.ts";
import { limitsToWire } from "../convert/limits.ts";
import { CHANGEABLE_BY_OPERATOR, maskOf } from "../convert/patch-mask.ts";
import { required } from "../convert/required.ts";
import { servedStates, tenantFromWire } from "../convert/tenancy.ts";
import { toDate } from "../convert/time.ts";
import { tenantUsageFromWire } from "../convert/usage.ts";
import { Pages } from "../pages.ts";
import type { MadeApiKey } from "../types/access.ts";
import type { MadeTenant, MoveTarget, OperatedTenantPatch, Placement } from "../types/operator.ts";
import type { Limits } from "../types/settings.ts";
import type { Tenant } from "../types/tenancy.ts";
import type { TenantUsage } from "../types/usage.ts";
import type { EtagWriteOptions } from "./own-tenant.ts";
import type { PageOptions } from "./projects.ts";

/** What a new tenant may use. */
export interface CreateTenantOptions extends WriteOptions {
  readonly limits?: Limits | undefined;
}

/** Which month. */
export interface TenantUsageOptions extends PageOptions {
  /** UTC, `2026-03`; this one if unset. */
  readonly month?: string | undefined;
}

/** For keys with the role operator: whoever runs the deployment. Nothing here reads what a tenant has stored. */
export class Operator {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof OperatorService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(OperatorService);
  }

  /** Makes a tenant with a project and an administrator's key. */
  async createTenant(name: string, options: CreateTenantOptions = {}): Promise<MadeTenant> {
    const request = { name, limits: limitsToWire(options.limits), requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.createTenant(request, call));
    return { tenant: tenantFromWire(response.tenant), ...madeApiKeyFromWire(response) };
  }

  /** @throws NotFoundError */
  async getTenant(id: string, options: CallOptions = {}): Promise<Tenant> {
    const request = { tenantId: id };
    const { tenant } = await this.#caller.call(options, (call) => this.#rpc.getTenant(request, call));
    return tenantFromWire(tenant);
  }

  /** Oldest first. */
  listTenants(options: PageOptions = {}): Pages<Tenant> {
    return new Pages(async (pageToken) => {
      const request = { pageSize: options.pageSize ?? 0, pageToken };
      const { tenants, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listTenants(request, call),
      );
      return { items: tenants.map(tenantFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /** What models took of each tenant in a month and what it cost, oldest tenant first. */
  listTenantUsage(options: TenantUsageOptions = {}): Pages<TenantUsage> {
    const { month = "", pageSize = 0 } = options;
    return new Pages(async (pageToken) => {
      const { tenants, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listTenantUsage({ month, pageSize, pageToken }, call),
      );
      return { items: tenants.map(tenantUsageFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /** Changes what the patch names. @throws NotFoundError */
  async updateTenant(
    id: string,
    patch: OperatedTenantPatch,
    options: EtagWriteOptions = {},
  ): Promise<Tenant> {
    const request = {
      tenantId: id,
      state: servedStates.toWire(patch.state, "state"),
      limits: limitsToWire(patch.limits),
      updateMask: { paths: maskOf(patch, CHANGEABLE_BY_OPERATOR) },
      etag: options.etag ?? "",
      requestId: requestIdOf(options),
    };
    const { tenant } = await this.#caller.call(options, (call) => this.#rpc.updateTenant(request, call));
    return tenantFromWire(tenant);
  }

  /** Has its credentials refused within a second; it keeps everything. @throws NotFoundError */
  suspendTenant(id: string, options: EtagWriteOptions = {}): Promise<Tenant> {
    return this.updateTenant(id, { state: "suspended" }, options);
  }

  /** Serves a suspended tenant again. @throws NotFoundError */
  resumeTenant(id: string, options: EtagWriteOptions = {}): Promise<Tenant> {
    return this.updateTenant(id, { state: "active" }, options);
  }

  /** Makes a key with the roles admin and auditor for a tenant that has lost its own. @throws NotFoundError */
  async createAdminKey(tenantId: string, options: WriteOptions = {}): Promise<MadeApiKey> {
    const request = { tenantId, requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) =>
      this.#rpc.createTenantAdminKey(request, call),
    );
    return madeApiKeyFromWire(response);
  }

  /** Where a tenant's index lies. @throws NotFoundError */
  async placement(tenantId: string, options: CallOptions = {}): Promise<Placement> {
    const request = { tenantId };
    const response = await this.#caller.call(options, (call) => this.#rpc.getPlacement(request, call));
    return placementFromWire(response.placement);
  }

  /** Moves a tenant's index while reads and writes go on. Answers once that is under way; `placement` follows it. */
  async moveTenant(tenantId: string, target: MoveTarget, options: WriteOptions = {}): Promise<Placement> {
    const request = {
      tenantId,
      target:
        "pool" in target
          ? ({ case: "pool", value: target.pool } as const)
          : ({ case: "ownIndex", value: true } as const),
      requestId: requestIdOf(options),
    };
    const response = await this.#caller.call(options, (call) => this.#rpc.moveTenant(request, call));
    return placementFromWire(response.placement);
  }

  /** Makes a new key that user tokens are signed with. @returns its id, as it stands in the JWKS. */
  async rotateSigningKey(options: WriteOptions = {}): Promise<string> {
    const request = { requestId: requestIdOf(options) };
    const { keyId } = await this.#caller.call(options, (call) => this.#rpc.rotateSigningKey(request, call));
    return keyId;
  }
}

function placementFromWire(placement: WirePlacement | undefined): Placement {
  const { tenantId, pool, movingTo, updateTime } = required(placement, "placement");
  return { tenantId, pool, movingTo: movingTo || undefined, updateTime: toDate(updateTime) };
}
