import type { Client } from "@connectrpc/connect";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { teamFromWire } from "../convert/tenancy.ts";
import { Pages } from "../pages.ts";
import type { Team } from "../types/tenancy.ts";
import type { EtagWriteOptions } from "./own-tenant.ts";
import type { PageOptions } from "./projects.ts";

/** What a new team has beside its id. */
export interface CreateTeamOptions extends WriteOptions {
  /** For people; the id if unset. */
  readonly name?: string | undefined;
}

/** Teams and departments; `mneme.team(id)` is a team's memory. */
export class Teams {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof TenancyService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(TenancyService);
  }

  /** Until a team is made, no scope can name it. @throws AlreadyExistsError */
  async create(id: string, options: CreateTeamOptions = {}): Promise<Team> {
    const request = { teamId: id, name: options.name ?? "", requestId: requestIdOf(options) };
    const { team } = await this.#caller.call(options, (call) => this.#rpc.createTeam(request, call));
    return teamFromWire(team);
  }

  /** @throws NotFoundError */
  async get(id: string, options: CallOptions = {}): Promise<Team> {
    const { team } = await this.#caller.call(options, (call) => this.#rpc.getTeam({ teamId: id }, call));
    return teamFromWire(team);
  }

  /** Newest first. */
  list(options: PageOptions = {}): Pages<Team> {
    return new Pages(async (pageToken) => {
      const request = { pageSize: options.pageSize ?? 0, pageToken };
      const { teams, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listTeams(request, call),
      );
      return { items: teams.map(teamFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /** @throws NotFoundError */
  async rename(id: string, name: string, options: EtagWriteOptions = {}): Promise<Team> {
    const request = {
      teamId: id,
      name,
      updateMask: { paths: ["name"] },
      etag: options.etag ?? "",
      requestId: requestIdOf(options),
    };
    const { team } = await this.#caller.call(options, (call) => this.#rpc.updateTeam(request, call));
    return teamFromWire(team);
  }

  /** Removes it with its grants. Its memory stays, and is reached by nobody until the team is made again. */
  async delete(id: string, options: WriteOptions = {}): Promise<void> {
    const request = { teamId: id, requestId: requestIdOf(options) };
    await this.#caller.call(options, (call) => this.#rpc.deleteTeam(request, call));
  }
}
