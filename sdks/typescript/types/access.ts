import type { Limits } from "./settings.ts";

/**
 * A set of permissions. A reader reads memories; a writer also adds, changes and deletes them, and mints user tokens; an
 * admin also administers the tenant; an eraser deletes and reads nothing of what was said; an auditor reads the audit
 * trail; an operator administers tenants and reads nothing of theirs.
 */
export type KeyRole = "reader" | "writer" | "admin" | "eraser" | "auditor" | "operator";

/** A program's credential, without its secret. */
export interface ApiKey {
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** The first characters of the secret, by which it can be recognised. */
  readonly prefix: string;
  /** The project that it reaches; undefined for a key of the tenant, which reaches all. */
  readonly projectId: string | undefined;
  readonly roles: readonly KeyRole[];
  /** Within those of project and tenant. */
  readonly limits: Limits;
  readonly createTime: Date | undefined;
  /** When it stops working by itself; never if undefined. */
  readonly expireTime: Date | undefined;
  readonly revokeTime: Date | undefined;
  /** To within a minute; undefined if it never was used. */
  readonly lastUseTime: Date | undefined;
  /** The key that replaces it, if it was rotated. */
  readonly replacedBy: string | undefined;
}

/** A new key. */
export interface MadeApiKey {
  readonly apiKey: ApiKey;
  /**
   * Shown in the first answer alone: undefined where that was lost, or the request id was used before. Rotate the key
   * then.
   */
  readonly secret: string | undefined;
}

/** A new key in the place of another. */
export interface RotatedApiKey extends MadeApiKey {
  /** The old one, with the time at which it stops working. */
  readonly replaced: ApiKey;
}
