import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { getOption } from "@bufbuild/protobuf";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Authenticator, Credentials, Known } from "@mneme/core/tenancy/authenticator.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { Permission, permission as permissionOption } from "@mneme/proto/mneme/options/v1/options_pb.js";
import { isOpaqueId } from "../opaque-id.ts";
import { orAbort } from "./stream.ts";

/** Finds out whose a call's credentials are. */
export type Authenticate = (header: Headers, signal: AbortSignal) => Promise<Known>;

/** @throws MnemeError CREDENTIALS_MISSING, CREDENTIALS_INVALID. */
export function createAuthenticate(authenticator: Authenticator): Authenticate {
  return async (header, signal) => {
    const known = await orAbort(authenticator.authenticate(credentialsOf(header)), signal);
    if (!known) {
      throw new MnemeError(
        "unauthenticated",
        "CREDENTIALS_INVALID",
        "the API key or token is not known, expired or revoked",
      );
    }
    return known;
  };
}

/** @throws MnemeError why the caller is not served; PERMISSION_MISSING. */
export function requireAdmission({ caller, refusal }: Known, method: DescMethod): void {
  if (refusal) throw refusal;
  requirePermission(caller, method);
}

/** @throws MnemeError PERMISSION_MISSING where the caller does not hold the method's permission. */
function requirePermission(caller: Caller, method: DescMethod): void {
  const permission = permissionOf(method);
  if (permission && caller.permissions.has(permission)) return;
  throw new MnemeError("permission_denied", "PERMISSION_MISSING", `the credentials lack ${permission}`, {
    metadata: { permission: permission ?? "" },
  });
}

/** Names the project that a call with a key of the tenant is for. */
const PROJECT_HEADER = "mneme-project";
/** Stands for whatever is no id. */
const NOBODYS_PROJECT = "00000000-0000-0000-0000-000000000000";

function credentialsOf(header: Headers): Credentials {
  const secret = secretOf(header);
  const projectId = header.get(PROJECT_HEADER)?.trim() || undefined;
  if (projectId !== undefined && !isOpaqueId(projectId)) return { secret, projectId: NOBODYS_PROJECT };
  return { secret, projectId: projectId?.toLowerCase() };
}

/** A token of a user is longer than a key. */
const SCHEME = /^(?:Bearer|Token) +([\x21-\x7e]{1,4096})$/i;

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
