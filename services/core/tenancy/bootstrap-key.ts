import { timingSafeEqual } from "node:crypto";
import type { Authenticator } from "./authenticator.ts";
import type { Caller } from "./caller.ts";
import { permissionsOf } from "./roles.ts";
import { BOOTSTRAP_KEY_ID, SYSTEM_PROJECT_ID, SYSTEM_TENANT_ID } from "./system-tenant.ts";
import { hashApiKey } from "./trusted-keys.ts";

/** Who runs the deployment. */
export interface Operators {
  /** Whether any key with the role operator works. */
  hasOperator(): Promise<boolean>;
  /** Makes the operator's own tenant where there is none yet. */
  prepare(): Promise<void>;
}

const FEWEST_CHARACTERS = 32;

/**
 * Admits a credential of the deployment's settings as an operator for as long as there is none: with it one makes the first
 * operator's key, and from then on it is like any unknown one. That is looked up at each use.
 *
 * @param secret without it, nothing but `next` admits anybody.
 * @throws Error for a secret that could be guessed or can't be sent.
 */
export function admitBootstrap(
  next: Authenticator,
  operators: Operators,
  secret: string | undefined,
): Authenticator {
  if (secret === undefined) return next;
  if (secret.length < FEWEST_CHARACTERS || !/^[\x21-\x7e]+$/.test(secret)) {
    throw new Error(`the bootstrap key must have ${FEWEST_CHARACTERS} characters or more, and no blanks`);
  }
  const hash = hashApiKey(secret);
  return {
    async authenticate(credentials) {
      if (!timingSafeEqual(hashApiKey(credentials.secret), hash)) return next.authenticate(credentials);
      if (await operators.hasOperator()) return undefined;
      await operators.prepare();
      return { caller: BOOTSTRAP };
    },
  };
}

const BOOTSTRAP: Caller = {
  tenantId: SYSTEM_TENANT_ID,
  projectId: SYSTEM_PROJECT_ID,
  apiKeyId: BOOTSTRAP_KEY_ID,
  isOfTenant: true,
  permissions: permissionsOf(["operator"]),
  reach: { principals: [] },
  limits: { tenant: {}, project: {}, apiKey: {} },
};
