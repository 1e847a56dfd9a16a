import type { Client } from "@connectrpc/connect";
import { TenantKeyService } from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { tenantKeyFromWire } from "../convert/encryption.ts";
import type { TenantKey, TransitReference } from "../types/encryption.ts";

/** The key that encrypts what the tenant has stored. */
export class Encryption {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof TenantKeyService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(TenantKeyService);
  }

  /** Where the key lies and whether it can be used. */
  async get(options: CallOptions = {}): Promise<TenantKey> {
    const { key } = await this.#caller.call(options, (call) => this.#rpc.getTenantKey({}, call));
    return tenantKeyFromWire(key);
  }

  /** Makes a new version and wraps all data keys with it while everything goes on. */
  async rotate(options: WriteOptions = {}): Promise<TenantKey> {
    const request = { requestId: requestIdOf(options) };
    const { key } = await this.#caller.call(options, (call) => this.#rpc.rotateTenantKey(request, call));
    return tenantKeyFromWire(key);
  }

  /**
   * Has the tenant's key wrapped by a key of its own. Revoking that makes what is stored unreadable within a minute.
   * @param token may encrypt and decrypt with it; at most 4,096 characters, kept encrypted, never shown.
   */
  async bring(transit: TransitReference, token: string, options: WriteOptions = {}): Promise<TenantKey> {
    const { url, mount = "", key: name, namespace = "" } = transit;
    const request = {
      transit: { url, mount, key: name, namespace },
      token,
      requestId: requestIdOf(options),
    };
    const { key } = await this.#caller.call(options, (call) => this.#rpc.bringTenantKey(request, call));
    return tenantKeyFromWire(key);
  }

  /** Has it wrapped by the deployment's provider again. */
  async return(options: WriteOptions = {}): Promise<TenantKey> {
    const request = { requestId: requestIdOf(options) };
    const { key } = await this.#caller.call(options, (call) => this.#rpc.returnTenantKey(request, call));
    return tenantKeyFromWire(key);
  }
}
