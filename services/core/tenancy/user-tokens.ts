import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { sign, verify } from "../signing/sign.ts";
import { type SigningKeys, TRUST_MS } from "../signing/signing-keys.ts";
import type { PermissionName } from "./roles.ts";
import type { SubjectRef } from "./scope.ts";

/** What a user's token may do. */
export type UserPermission = "read" | "write" | "delete";

/** What each of them is in permissions of calls. */
export const PERMISSIONS_OF_USERS: Readonly<Record<UserPermission, readonly PermissionName[]>> = {
  read: ["MEMORY_READ", "EXTRACTION_READ", "SESSION_READ"],
  write: ["MEMORY_WRITE", "SESSION_WRITE", "FEEDBACK_WRITE"],
  delete: ["MEMORY_DELETE"],
};

/** What a token says. It names a person by the opaque id alone. */
export interface UserToken {
  readonly tenantId: string;
  readonly projectId: string;
  /** The key that minted it. */
  readonly apiKeyId: string;
  readonly subject: SubjectRef;
  readonly permissions: readonly UserPermission[];
}

export interface MintedToken {
  readonly token: string;
  readonly expireTime: Date;
}

/** Makes and reads tokens. */
export interface UserTokens {
  mint(token: UserToken, ttlSeconds: number): Promise<MintedToken>;
  /**
   * Reads what is signed by us, of this deployment, and not expired; whether what it stands on still holds is not
   * looked at.
   *
   * @returns undefined for anything else.
   */
  read(token: string): Promise<UserToken | undefined>;
}

/** Seconds that a token may hold at most. */
export const MAX_TTL_SECONDS = 3_600;
/** Clocks of replicas may differ by so much. */
const TOLERANCE_SECONDS = 5;
/** The last token of a key that was retired has expired by then, also of a replica that had not heard of it yet. */
const RETIRED_MS = (MAX_TTL_SECONDS + TOLERANCE_SECONDS) * 1_000 + TRUST_MS;
const TYPE = "mneme-user-token+jwt";
const AUDIENCE = "mneme";

const CLAIMS = z.object({
  sub: z.uuid(),
  epoch: z.int().min(1),
  tenant: z.uuid(),
  project: z.uuid(),
  key: z.uuid(),
  scope: z
    .string()
    .transform((scope) => scope.split(" "))
    .pipe(z.array(z.enum(["read", "write", "delete"]))),
});

/**
 * Tokens are JWTs, so that others can verify them by our published keys.
 *
 * @param issuer what tokens of this deployment name as theirs.
 */
export function createUserTokens(keys: SigningKeys, issuer: string): UserTokens {
  return {
    async mint({ tenantId, projectId, apiKeyId, subject, permissions }, ttlSeconds) {
      const now = Math.floor(Date.now() / 1_000);
      const exp = now + ttlSeconds;
      const token = await sign(keys, TYPE, {
        iss: issuer,
        aud: AUDIENCE,
        sub: subject.id,
        epoch: subject.epoch,
        tenant: tenantId,
        project: projectId,
        key: apiKeyId,
        scope: permissions.join(" "),
        iat: now,
        exp,
        jti: uuidv7(),
      });
      return { token, expireTime: new Date(exp * 1_000) };
    },
    async read(token) {
      const claims = await verify(keys, TYPE, token, {
        issuer,
        audience: AUDIENCE,
        clockTolerance: TOLERANCE_SECONDS,
        maxTokenAge: MAX_TTL_SECONDS,
        requiredClaims: ["exp", "jti"],
        retiredMs: RETIRED_MS,
      });
      const { data } = CLAIMS.safeParse(claims);
      return (
        data && {
          tenantId: data.tenant,
          projectId: data.project,
          apiKeyId: data.key,
          subject: { id: data.sub, epoch: data.epoch },
          permissions: data.scope,
        }
      );
    },
  };
}
