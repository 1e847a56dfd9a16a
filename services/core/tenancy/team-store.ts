import type { Administrator } from "./administrator.ts";
import type { Page, PageAsked } from "./page.ts";
import type { WriteRequest } from "./request.ts";

/** A team or department. Its memory is reached by whom a grant names. */
export interface Team {
  /** The application's own id. */
  readonly teamId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly etag: string;
}

export type Access = "read" | "write";

/** Whom a grant is for: users, agents, apps and teams by the application's own ids, keys and projects by ours. */
export interface Grantee {
  readonly kind: "user" | "agent" | "app" | "team" | "api_key" | "project";
  readonly id: string;
}

/** Whose memory a grant is of: a team's by the application's own id, or what is shared with a project or the tenant. */
export type Granted =
  | { readonly kind: "team"; readonly id: string }
  | { readonly kind: "project"; readonly id: string }
  | { readonly kind: "tenant" };

export interface Grant {
  readonly id: string;
  readonly of: Granted;
  readonly grantee: Grantee;
  readonly access: Access;
  readonly createdAt: Date;
  readonly expiresAt: Date | undefined;
}

export interface NewGrant {
  readonly of: Granted;
  readonly grantee: Grantee;
  readonly access: Access;
  readonly expiresAt: Date | undefined;
}

/** Teams of a tenant. All are the whole tenant's. @throws MnemeError PERMISSION_MISSING for a key of one project. */
export interface TeamStore {
  /** @throws MnemeError ALREADY_EXISTS, REQUEST_ID_REUSED. */
  create(
    who: Administrator,
    team: { readonly teamId: string; readonly name: string },
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<Team>;
  /** @throws MnemeError TEAM_NOT_FOUND. */
  get(who: Administrator, teamId: string, signal?: AbortSignal): Promise<Team>;
  /** Newest first. @throws MnemeError PAGE_TOKEN_INVALID. */
  list(who: Administrator, asked: PageAsked, signal?: AbortSignal): Promise<Page<Team>>;
  /** @throws MnemeError TEAM_NOT_FOUND, ETAG_MISMATCH, REQUEST_ID_REUSED. */
  rename(
    who: Administrator,
    change: { readonly teamId: string; readonly name: string; readonly etag: string },
    request: WriteRequest,
    signal?: AbortSignal,
  ): Promise<Team>;
  /** With the grants of its memory and those that it was given. @throws MnemeError TEAM_NOT_FOUND, REQUEST_ID_REUSED. */
  delete(who: Administrator, teamId: string, request: WriteRequest, signal?: AbortSignal): Promise<void>;
}

/** Grants of teams' memory. @throws MnemeError PERMISSION_MISSING for a key of one project. */
export interface GrantStore {
  /**
   * A user, agent or app that nobody has named yet is known from then on; a second grant of the same pair replaces the
   * first and keeps its id.
   *
   * @throws MnemeError TEAM_NOT_FOUND, API_KEY_NOT_FOUND, PROJECT_NOT_FOUND, FIELD_INVALID, SUBJECT_FENCED,
   *   REQUEST_ID_REUSED.
   */
  create(who: Administrator, grant: NewGrant, request: WriteRequest, signal?: AbortSignal): Promise<Grant>;
  /** Newest first, of one team or of all. @throws MnemeError PAGE_TOKEN_INVALID, TEAM_NOT_FOUND. */
  list(
    who: Administrator,
    asked: PageAsked & { readonly teamId: string },
    signal?: AbortSignal,
  ): Promise<Page<Grant>>;
  /** @throws MnemeError GRANT_NOT_FOUND, REQUEST_ID_REUSED. */
  delete(who: Administrator, grantId: string, request: WriteRequest, signal?: AbortSignal): Promise<void>;
}
