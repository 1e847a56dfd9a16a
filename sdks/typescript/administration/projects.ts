import type { Client } from "@connectrpc/connect";
import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "../caller.ts";
import { limitsToWire } from "../convert/limits.ts";
import { CHANGEABLE_PROJECT, maskOf } from "../convert/patch-mask.ts";
import { settingsFromWire, settingsToWire } from "../convert/settings.ts";
import { projectFromWire, servedStates } from "../convert/tenancy.ts";
import { Pages } from "../pages.ts";
import type { Limits, Settings } from "../types/settings.ts";
import type { Project, ProjectPatch, ProjectWithEffectiveSettings } from "../types/tenancy.ts";
import type { EtagWriteOptions } from "./own-tenant.ts";

/** What a new project sets itself. */
export interface CreateProjectOptions extends WriteOptions {
  readonly settings?: Settings | undefined;
  readonly limits?: Limits | undefined;
}

/** How to list. */
export interface PageOptions extends CallOptions {
  /** Items a page, up to 250; 50 if unset. */
  readonly pageSize?: number | undefined;
}

/** Parts of the tenant with memories of their own. A key of one project sees that project alone. */
export class Projects {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof TenancyService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(TenancyService);
  }

  /** @throws AlreadyExistsError for a name that another project has. */
  async create(name: string, options: CreateProjectOptions = {}): Promise<Project> {
    const request = {
      name,
      settings: settingsToWire(options.settings),
      limits: limitsToWire(options.limits),
      requestId: requestIdOf(options),
    };
    const { project } = await this.#caller.call(options, (call) => this.#rpc.createProject(request, call));
    return projectFromWire(project);
  }

  /** @param id that of the credentials if empty. @throws NotFoundError */
  async get(id = "", options: CallOptions = {}): Promise<ProjectWithEffectiveSettings> {
    const { project, effectiveSettings } = await this.#caller.call(options, (call) =>
      this.#rpc.getProject({ projectId: id }, call),
    );
    return { ...projectFromWire(project), effectiveSettings: settingsFromWire(effectiveSettings) };
  }

  /** Newest first. */
  list(options: PageOptions = {}): Pages<Project> {
    return new Pages(async (pageToken) => {
      const request = { pageSize: options.pageSize ?? 0, pageToken };
      const { projects, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listProjects(request, call),
      );
      return { items: projects.map(projectFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /**
   * Changes what the patch names.
   * @throws NotFoundError; AlreadyExistsError for a name that another one has; FailedPreconditionError where the default
   * project would be archived.
   */
  async update(id: string, patch: ProjectPatch, options: EtagWriteOptions = {}): Promise<Project> {
    const request = {
      projectId: id,
      name: patch.name ?? "",
      state: servedStates.toWire(patch.state, "state"),
      settings: settingsToWire(patch.settings),
      limits: limitsToWire(patch.limits),
      updateMask: { paths: maskOf(patch, CHANGEABLE_PROJECT) },
      etag: options.etag ?? "",
      requestId: requestIdOf(options),
    };
    const { project } = await this.#caller.call(options, (call) => this.#rpc.updateProject(request, call));
    return projectFromWire(project);
  }
}
