import type { Limits, LimitsPatch, Settings, SettingsPatch } from "./settings.ts";

/** A suspended tenant's, or an archived project's, credentials are refused (reason SUSPENDED); everything is kept. */
export type ServedState = "active" | "suspended";

/** An organisation. Nothing is shared between two of them. */
export interface Tenant {
  readonly id: string;
  /** For people; it need not be unique. */
  readonly name: string;
  readonly state: ServedState | undefined;
  /** Defaults of all its projects. */
  readonly settings: Settings;
  /** Of all its projects together; set by the operator. */
  readonly limits: Limits;
  /** The project of calls with a key of the tenant that name none. */
  readonly defaultProjectId: string;
  readonly createTime: Date | undefined;
  readonly updateTime: Date | undefined;
  /** Names this state: send it back to write only over what you have read. */
  readonly etag: string;
}

/** A part of a tenant with memories of its own. */
export interface Project {
  readonly id: string;
  /** For people; unique within the tenant. */
  readonly name: string;
  readonly state: ServedState | undefined;
  /** What it sets itself. */
  readonly settings: Settings;
  /** Within the tenant's. */
  readonly limits: Limits;
  readonly createTime: Date | undefined;
  readonly updateTime: Date | undefined;
  readonly etag: string;
}

/** A project with what holds for it: its own settings over the tenant's over the product's. */
export interface ProjectWithEffectiveSettings extends Project {
  readonly effectiveSettings: Settings;
}

/** What of a tenant its administrator may change. */
export interface TenantPatch {
  readonly name?: string | undefined;
  /** Null clears all of them. */
  readonly settings?: SettingsPatch | null | undefined;
}

/** What of a project may be changed. */
export interface ProjectPatch {
  readonly name?: string | undefined;
  /** "suspended" archives it; the tenant's default project can't be. */
  readonly state?: ServedState | undefined;
  /** Null clears all of them. */
  readonly settings?: SettingsPatch | null | undefined;
  /** Null clears all of them. */
  readonly limits?: LimitsPatch | null | undefined;
}

/** A team or department, whose memory is reached only by whom a grant names. */
export interface Team {
  /** The application's own id, as it stands in scopes. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly createTime: Date | undefined;
  readonly etag: string;
}

/** What a grant allows: to read a team's memory, or to add, change and delete it as well. */
export type GrantAccess = "read" | "write";

/**
 * Whom a grant is for: calls whose scope names this user (and that user's tokens), agent or application; whoever
 * reaches this team; all calls with this API key, or of this project.
 */
export type Grantee =
  | { readonly userId: string }
  | { readonly agentId: string }
  | { readonly appId: string }
  | { readonly teamId: string }
  | { readonly apiKeyId: string }
  | { readonly projectId: string };

/** Whose memory a grant is of: a team's, what is shared with a project, or with the tenant. */
export type Granted = string | { readonly projectId: string } | { readonly tenant: true };

/** Lets somebody reach a team's memory, or what is shared with a project or the tenant: one of the first three is set. */
export interface Grant {
  readonly id: string;
  readonly teamId: string | undefined;
  readonly ofProjectId: string | undefined;
  readonly ofTenant: boolean;
  /** Undefined where a newer server grants to something else. */
  readonly grantee: Grantee | undefined;
  readonly access: GrantAccess | undefined;
  readonly createTime: Date | undefined;
  /** When it ends; never if undefined. */
  readonly expireTime: Date | undefined;
}
