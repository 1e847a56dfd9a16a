import type { Administrator } from "./administrator.ts";
import type { Limits } from "./limits.ts";
import type { Page, PageAsked } from "./page.ts";
import type { Change } from "./patch.ts";
import type { WriteRequest } from "./request.ts";
import type { Settings } from "./settings.ts";

export type ServedState = "active" | "suspended";

/** An organisation. */
export interface Tenant {
  readonly id: string;
  readonly name: string;
  readonly state: ServedState;
  readonly settings: Settings;
  readonly limits: Limits;
  readonly defaultProjectId: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly etag: string;
}

/** A part of a tenant with memories of its own. */
export interface Project {
  readonly id: string;
  readonly name: string;
  readonly state: ServedState;
  /** What it sets itself. */
  readonly settings: Settings;
  readonly limits: Limits;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly etag: string;
}

/** What to write of a tenant or project; absent members stay as they are. */
export interface Update {
  readonly name?: string;
  readonly state?: ServedState;
  readonly settings: readonly Change[];
  readonly limits: readonly Change[];
  /** Empty: over any state. */
  readonly etag: string;
}

export interface NewProject {
  readonly name: string;
  readonly settings: Settings;
  readonly limits: Limits;
}

/** The tenant of the credentials. @throws MnemeError PERMISSION_MISSING for a key of one project. */
export interface TenantStore {
  get(who: Administrator, signal?: AbortSignal): Promise<Tenant>;
  /** @throws MnemeError ETAG_MISMATCH, REQUEST_ID_REUSED. */
  update(who: Administrator, update: Update, request: WriteRequest, signal?: AbortSignal): Promise<Tenant>;
}

/** The projects that the credentials administer. An empty id is that of the credentials. */
export interface ProjectStore {
  /** @throws MnemeError ALREADY_EXISTS, REQUEST_ID_REUSED, PERMISSION_MISSING for a key of one project. */
  create(
    who: Administrator,
    project: NewProject,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<Project>;
  /** @returns also what holds for it. @throws MnemeError PROJECT_NOT_FOUND. */
  get(
    who: Administrator,
    projectId: string,
    signal?: AbortSignal,
  ): Promise<{ readonly project: Project; readonly effective: Settings }>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(who: Administrator, asked: PageAsked, signal?: AbortSignal): Promise<Page<Project>>;
  /**
   * @throws MnemeError PROJECT_NOT_FOUND, ALREADY_EXISTS, ETAG_MISMATCH, REQUEST_ID_REUSED; STATE_CONFLICT for archiving
   *   the default one; PERMISSION_MISSING for a project's key that would set its own limits.
   */
  update(
    who: Administrator,
    projectId: string,
    update: Update,
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<Project>;
}
