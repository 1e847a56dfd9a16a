/** Who calls, as the credentials say; a request can't say it. */
export interface Caller {
  readonly tenantId: string;
  readonly projectId: string;
  readonly apiKeyId: string;
  /** Names of `mneme.options.v1.Permission` without the prefix, e.g. `MEMORY_READ`. */
  readonly permissions: ReadonlySet<string>;
}

/** The part of a caller that data access needs; background work has no key. */
export type Tenancy = Pick<Caller, "tenantId" | "projectId">;
