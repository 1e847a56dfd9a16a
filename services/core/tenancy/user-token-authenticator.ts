import { LRUCache } from "lru-cache";
import type { Authenticator } from "./authenticator.ts";
import type { CallerLimits } from "./caller.ts";
import type { PermissionName } from "./roles.ts";
import { projectNotFound, suspended } from "./trusted-keys.ts";
import { PERMISSIONS_OF_USERS, type UserToken, type UserTokens } from "./user-tokens.ts";

/** What a token stands on, as it is now. */
export interface TokenGrounds {
  /** What the key that minted it may do. */
  readonly permissions: ReadonlySet<PermissionName>;
  /** Where that key came of others by rotation, the first of them. */
  readonly firstKeyId?: string | undefined;
  readonly isSuspended: boolean;
  readonly limits: CallerLimits;
  /** The user's id in the application. */
  readonly userId: string;
}

/** Where it is known whether tokens still hold. */
export interface UserTokenGrounds {
  /** @returns undefined where the key doesn't work any more, or the person is not who they were. */
  find(token: UserToken): Promise<TokenGrounds | undefined>;
}

export interface UserTokenTrust {
  /** How long what was found is trusted; a token of a revoked key works no longer than that. 1,000 ms by default. */
  readonly trustMs?: number;
}

const MOST = 10_000;

/** Takes users' tokens: one that is ours holds as long as its key, its project and its person do. */
export function trustUserTokens(
  tokens: Pick<UserTokens, "read">,
  grounds: UserTokenGrounds,
  { trustMs = 1_000 }: UserTokenTrust = {},
): Authenticator {
  // Not renewed beforehand as keys are: of users there are many, and each calls now and then.
  const trusted = new LRUCache<string, Promise<TokenGrounds | undefined>>({ max: MOST, ttl: trustMs });

  function look(token: UserToken): Promise<TokenGrounds | undefined> {
    const { tenantId, projectId, apiKeyId, subject } = token;
    const slot = [tenantId, projectId, apiKeyId, subject.id, subject.epoch].join("/");
    const known = trusted.get(slot);
    if (known) return known;
    const asked = grounds.find(token);
    trusted.set(slot, asked);
    const forget = () => {
      if (trusted.peek(slot) === asked) trusted.delete(slot);
    };
    asked.then((found) => found ?? forget(), forget);
    return asked;
  }

  return {
    async authenticate({ secret, projectId }) {
      const token = await tokens.read(secret);
      const found = token && (await look(token));
      if (!found) return undefined;
      const { permissions, firstKeyId, isSuspended, limits, userId } = found;
      const asked = token.permissions.flatMap((permission) => PERMISSIONS_OF_USERS[permission]);
      const caller = {
        tenantId: token.tenantId,
        projectId: token.projectId,
        apiKeyId: token.apiKeyId,
        firstKeyId,
        isOfTenant: false,
        permissions: new Set(asked.filter((permission) => permissions.has(permission))),
        reach: { principals: [token.subject.id], subject: token.subject },
        userId,
        limits,
      };
      const isElsewhere = projectId !== undefined && projectId !== token.projectId;
      return { caller, refusal: isElsewhere ? projectNotFound() : isSuspended ? suspended() : undefined };
    },
  };
}

/** Tells users' tokens from keys by their form: a key has no dot. */
export function takeKeysAndTokens(keys: Authenticator, tokens: Authenticator): Authenticator {
  return {
    authenticate: (credentials) =>
      (credentials.secret.includes(".") ? tokens : keys).authenticate(credentials),
  };
}
