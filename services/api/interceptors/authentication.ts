import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { getOption } from "@bufbuild/protobuf";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Authenticator } from "@mneme/core/tenancy/authenticator.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { Permission, permission as permissionOption } from "@mneme/proto/mneme/options/v1/options_pb.js";
import { orAbort } from "./stream.ts";

/** Checks a call's credentials and that they hold the method's permission. */
export type Authenticate = (header: Headers, method: DescMethod, signal: AbortSignal) => Promise<Caller>;

/** @throws MnemeError CREDENTIALS_MISSING, CREDENTIALS_INVALID, PERMISSION_MISSING. */
export function createAuthenticate(authenticator: Authenticator): Authenticate {
  return async (header, method, signal) => {
    const caller = await orAbort(authenticator.authenticate(secretOf(header)), signal);
    if (!caller) {
      throw new MnemeError(
        "unauthenticated",
        "CREDENTIALS_INVALID",
        "the API key is not known, expired or revoked",
      );
    }
    const permission = permissionOf(method);
    if (!permission || !caller.permissions.has(permission)) {
      throw new MnemeError("permission_denied", "PERMISSION_MISSING", `the API key lacks ${permission}`, {
        metadata: { permission: permission ?? "" },
      });
    }
    return caller;
  };
}

const SCHEME = /^(?:Bearer|Token) +([\x21-\x7e]{1,512})$/i;

function secretOf(header: Headers): string {
  const authorization = header.get("authorization");
  if (!authorization) {
    throw new MnemeError(
      "unauthenticated",
      "CREDENTIALS_MISSING",
      "send an API key in the header Authorization: Bearer <key>",
    );
  }
  const secret = SCHEME.exec(authorization.trim())?.[1];
  if (secret) return secret;
  throw new MnemeError(
    "unauthenticated",
    "CREDENTIALS_INVALID",
    "the header Authorization is not of the form Bearer <key>",
  );
}

/** The permission that a method asks for, by name without its prefix. */
export function permissionOf(method: DescMethod): string | undefined {
  const value = getOption(method, permissionOption);
  return value === Permission.UNSPECIFIED ? undefined : Permission[value];
}

/** @throws Error naming every method that asks for no permission; they must not be served. */
export function requirePermissions(services: readonly DescService[]): void {
  const open = services
    .flatMap((service) => service.methods)
    .filter((method) => permissionOf(method) === undefined);
  if (open.length === 0) return;
  const names = open.map((method) => `${method.parent.typeName}/${method.name}`);
  throw new Error(`methods without a permission cannot be served: ${names.join(", ")}`);
}
