/** What a credential may do: the names of `mneme.options.v1.Permission` without the prefix. */
export type PermissionName =
  | "MEMORY_READ"
  | "MEMORY_WRITE"
  | "MEMORY_DELETE"
  | "EXTRACTION_READ"
  | "EXTRACTION_WRITE"
  | "SESSION_READ"
  | "SESSION_WRITE"
  | "USER_TOKEN_WRITE"
  | "TENANCY_READ"
  | "TENANCY_WRITE"
  | "API_KEY_READ"
  | "API_KEY_WRITE"
  | "ENCRYPTION_READ"
  | "ENCRYPTION_WRITE"
  | "AUDIT_READ"
  | "FEEDBACK_READ"
  | "FEEDBACK_WRITE"
  | "REPLAY_READ"
  | "REPLAY_WRITE"
  | "OPERATOR_READ"
  | "OPERATOR_WRITE";

export type Role = "reader" | "writer" | "admin" | "eraser" | "auditor" | "operator";

const READER = ["MEMORY_READ", "EXTRACTION_READ", "SESSION_READ"] as const;
const WRITER = [
  ...READER,
  "MEMORY_WRITE",
  "MEMORY_DELETE",
  "EXTRACTION_WRITE",
  "SESSION_WRITE",
  "USER_TOKEN_WRITE",
  "FEEDBACK_WRITE",
] as const;
const ADMIN = [
  ...WRITER,
  "FEEDBACK_READ",
  "REPLAY_READ",
  "REPLAY_WRITE",
  "TENANCY_READ",
  "TENANCY_WRITE",
  "API_KEY_READ",
  "API_KEY_WRITE",
  "ENCRYPTION_READ",
  "ENCRYPTION_WRITE",
] as const;

/**
 * What each role may do. Here and not in the record, so that a permission which a later version asks for holds for keys
 * that exist.
 */
export const PERMISSIONS_OF: Readonly<Record<Role, readonly PermissionName[]>> = {
  reader: READER,
  writer: WRITER,
  admin: ADMIN,
  eraser: ["MEMORY_DELETE"],
  auditor: ["AUDIT_READ", "TENANCY_READ", "API_KEY_READ", "ENCRYPTION_READ"],
  operator: ["OPERATOR_READ", "OPERATOR_WRITE", "API_KEY_READ", "API_KEY_WRITE", "AUDIT_READ"],
};

/** What these roles may do together; names that no version knows any more are nothing. */
export function permissionsOf(roles: readonly string[]): ReadonlySet<PermissionName> {
  return new Set(roles.flatMap((role) => PERMISSIONS_OF[role as Role] ?? []));
}
