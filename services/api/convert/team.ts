import { create } from "@bufbuild/protobuf";
import type { Access, Grant, Granted, Grantee, Team } from "@mneme/core/tenancy/team-store.ts";
import {
  GrantSchema,
  TeamSchema,
  Access as WireAccess,
  type Grant as WireGrant,
  type Grantee as WireGrantee,
  type Team as WireTeam,
} from "@mneme/proto/mneme/tenancy/v1/team_pb.js";
import type { CreateGrantRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { keyOf } from "./enum-table.ts";
import { fromDate } from "./time.ts";

const ACCESS: Readonly<Record<Access, WireAccess>> = { read: WireAccess.READ, write: WireAccess.WRITE };

const GRANTEES = {
  user: "userId",
  agent: "agentId",
  app: "appId",
  team: "teamId",
  api_key: "apiKeyId",
  project: "projectId",
} as const satisfies Record<Grantee["kind"], WireGrantee["grantee"]["case"]>;

/** To read if unset. */
export function toAccess(wire: WireAccess): Access {
  return keyOf(ACCESS, wire) ?? "read";
}

/** Exactly one is set. */
export function toGranted({ teamId, ofProjectId, ofTenant }: CreateGrantRequest): Granted {
  if (ofTenant) return { kind: "tenant" };
  return ofProjectId === "" ? { kind: "team", id: teamId } : { kind: "project", id: ofProjectId };
}

/** One without a case is refused by validation before it comes here. */
export function toGrantee({ grantee }: WireGrantee): Grantee {
  const kind = keyOf<Grantee["kind"], WireGrantee["grantee"]["case"]>(GRANTEES, grantee.case) ?? "user";
  return { kind, id: grantee.value ?? "" };
}

export function fromTeam({ teamId, name, createdAt, etag }: Team): WireTeam {
  return create(TeamSchema, { teamId, name, createTime: fromDate(createdAt), etag });
}

export function fromGrant({ id, of, grantee, access, createdAt, expiresAt }: Grant): WireGrant {
  return create(GrantSchema, {
    grantId: id,
    teamId: of.kind === "team" ? of.id : "",
    ofProjectId: of.kind === "project" ? of.id : "",
    ofTenant: of.kind === "tenant",
    grantee: { grantee: { case: GRANTEES[grantee.kind], value: grantee.id } },
    access: ACCESS[access],
    createTime: fromDate(createdAt),
    expireTime: fromDate(expiresAt),
  });
}
