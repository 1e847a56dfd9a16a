import type { Client } from "@connectrpc/connect";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Caller, requestIdOf, type WriteOptions } from "../caller.ts";
import { defined } from "../convert/memory.ts";
import { accesses, grantedToWire, granteeToWire, grantFromWire } from "../convert/tenancy.ts";
import { fromDate } from "../convert/time.ts";
import { Pages } from "../pages.ts";
import type { Grant, GrantAccess, Granted, Grantee } from "../types/tenancy.ts";
import type { PageOptions } from "./projects.ts";

/** What a grant allows, and how long. */
export interface CreateGrantOptions extends WriteOptions {
  /** To read if unset. */
  readonly access?: GrantAccess | undefined;
  /** When it ends, in the future; never if unset. */
  readonly expireTime?: Date | undefined;
}

/** Which grants to list. */
export interface ListGrantsOptions extends PageOptions {
  /** Only of this team. */
  readonly teamId?: string | undefined;
}

/** Who may reach which team's memory. */
export class Grants {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof TenancyService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(TenancyService);
  }

  /**
   * Lets somebody reach a team's memory (by the team's id), or what is shared with a project or the tenant; a second grant of the same pair replaces the first.
   * @throws NotFoundError for a team that was not made.
   */
  async create(of: Granted, grantee: Grantee, options: CreateGrantOptions = {}): Promise<Grant> {
    const request = {
      ...grantedToWire(of),
      grantee: granteeToWire(grantee),
      access: accesses.toWire(options.access, "access"),
      ...defined({ expireTime: fromDate(options.expireTime, "expire_time") }),
      requestId: requestIdOf(options),
    };
    const { grant } = await this.#caller.call(options, (call) => this.#rpc.createGrant(request, call));
    return grantFromWire(grant);
  }

  /** Newest first. */
  list(options: ListGrantsOptions = {}): Pages<Grant> {
    return new Pages(async (pageToken) => {
      const request = { teamId: options.teamId ?? "", pageSize: options.pageSize ?? 0, pageToken };
      const { grants, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listGrants(request, call),
      );
      return { items: grants.map(grantFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /** Takes it back: it holds for no call that begins after the answer. @throws NotFoundError */
  async delete(id: string, options: WriteOptions = {}): Promise<void> {
    const request = { grantId: id, requestId: requestIdOf(options) };
    await this.#caller.call(options, (call) => this.#rpc.deleteGrant(request, call));
  }
}
