/** What the entry of Node exports for administration; pages hold no keys. */

export type * from "../types/access.ts";
export type * from "../types/consolidation.ts";
export type * from "../types/encryption.ts";
export type * from "../types/operator.ts";
export type * from "../types/replay.ts";
export type * from "../types/settings.ts";
export type * from "../types/tenancy.ts";
export type * from "../types/usage.ts";
export type { ApiKeys, CreateApiKeyOptions, ListApiKeysOptions, RotateApiKeyOptions } from "./api-keys.ts";
export type { Consolidations, ListConsolidationsOptions, UndoOptions } from "./consolidations.ts";
export type { Encryption } from "./encryption.ts";
export type { CreateGrantOptions, Grants, ListGrantsOptions } from "./grants.ts";
export type { CreateTenantOptions, Operator, TenantUsageOptions } from "./operator.ts";
export type { EtagWriteOptions, OwnTenant } from "./own-tenant.ts";
export type { CreateProjectOptions, PageOptions, Projects } from "./projects.ts";
export type {
  ListDifferencesOptions,
  Replays,
  StartReplayOptions,
  WaitForReplayOptions,
} from "./replays.ts";
export type { CreateTeamOptions, Teams } from "./teams.ts";
export type { ListUsageOptions, Usage } from "./usage.ts";
