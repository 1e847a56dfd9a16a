import type { Client } from "@connectrpc/connect";
import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { apiKeyFromWire, keyRoles, madeApiKeyFromWire } from "../convert/access.ts";
import { limitsToWire } from "../convert/limits.ts";
import { defined } from "../convert/memory.ts";
import { fromDate } from "../convert/time.ts";
import { Pages } from "../pages.ts";
import type { ApiKey, KeyRole, MadeApiKey, RotatedApiKey } from "../types/access.ts";
import type { Limits } from "../types/settings.ts";
import type { PageOptions } from "./projects.ts";

/** A key to make. */
export interface CreateApiKeyOptions extends WriteOptions {
  /** What it may do: at least one, and no more than the key that makes it. */
  readonly roles: readonly KeyRole[];
  /** The project that it reaches; a key of the tenant if unset. */
  readonly projectId?: string | undefined;
  readonly limits?: Limits | undefined;
  /** When it stops working by itself, in the future; never if unset. */
  readonly expireTime?: Date | undefined;
}

/** Which keys to list. */
export interface ListApiKeysOptions extends PageOptions {
  /** Only of this project. */
  readonly projectId?: string | undefined;
  /** Also those that were revoked or have expired. */
  readonly showEnded?: boolean | undefined;
}

/** How to rotate. */
export interface RotateApiKeyOptions extends WriteOptions {
  /** How long the old one works on, up to 30 days; 0 ends it at once. 24 hours if unset. */
  readonly overlapSeconds?: number | undefined;
}

/** Credentials of programs. */
export class ApiKeys {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof ApiKeyService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(ApiKeyService);
  }

  /** @throws PermissionDeniedError for a key that could do more than the one that makes it. */
  async create(name: string, options: CreateApiKeyOptions): Promise<MadeApiKey> {
    const request = {
      name,
      projectId: options.projectId ?? "",
      roles: options.roles.map((role, index) => keyRoles.toWire(role, `roles[${index}]`)),
      limits: limitsToWire(options.limits),
      ...defined({ expireTime: fromDate(options.expireTime, "expire_time") }),
      requestId: requestIdOf(options),
    };
    const response = await this.#caller.call(options, (call) => this.#rpc.createApiKey(request, call));
    return madeApiKeyFromWire(response);
  }

  /** @param id that of the credentials if empty. @throws NotFoundError */
  async get(id = "", options: CallOptions = {}): Promise<ApiKey> {
    const request = { apiKeyId: id };
    const { apiKey } = await this.#caller.call(options, (call) => this.#rpc.getApiKey(request, call));
    return apiKeyFromWire(apiKey);
  }

  /** Newest first. */
  list(options: ListApiKeysOptions = {}): Pages<ApiKey> {
    const { projectId = "", showEnded = false, pageSize = 0 } = options;
    return new Pages(async (pageToken) => {
      const request = { projectId, showEnded, pageSize, pageToken };
      const { apiKeys, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listApiKeys(request, call),
      );
      return { items: apiKeys.map(apiKeyFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /**
   * Makes a key that may do the same, and lets the old one work on for an overlap.
   * @param id that of the credentials if empty. @throws NotFoundError; FailedPreconditionError for one that has ended.
   */
  async rotate(id = "", options: RotateApiKeyOptions = {}): Promise<RotatedApiKey> {
    const { overlapSeconds } = options;
    const request = { apiKeyId: id, ...defined({ overlapSeconds }), requestId: requestIdOf(options) };
    const response = await this.#caller.call(options, (call) => this.#rpc.rotateApiKey(request, call));
    return { ...madeApiKeyFromWire(response), replaced: apiKeyFromWire(response.replaced) };
  }

  /** Ends it, and the user tokens that it minted, everywhere within a second. @throws NotFoundError */
  async revoke(id: string, options: WriteOptions = {}): Promise<ApiKey> {
    const request = { apiKeyId: id, requestId: requestIdOf(options) };
    const { apiKey } = await this.#caller.call(options, (call) => this.#rpc.revokeApiKey(request, call));
    return apiKeyFromWire(apiKey);
  }
}
