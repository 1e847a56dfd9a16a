import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  AccessSchema,
  type GranteeSchema,
  type Access as WireAccess,
  type Grant as WireGrant,
  type Grantee as WireGrantee,
  type Team as WireTeam,
} from "@mneme/proto/mneme/tenancy/v1/team_pb.js";
import {
  StateSchema,
  type Project as WireProject,
  type State as WireState,
  type Tenant as WireTenant,
} from "@mneme/proto/mneme/tenancy/v1/tenant_pb.js";
import { invalidField } from "../errors/errors.ts";
import type {
  Grant,
  GrantAccess,
  Granted,
  Grantee,
  Project,
  ServedState,
  Team,
  Tenant,
} from "../types/tenancy.ts";
import { enumCodec } from "./enum.ts";
import { limitsFromWire } from "./limits.ts";
import { required } from "./required.ts";
import { settingsFromWire } from "./settings.ts";
import { toDate } from "./time.ts";

export const servedStates = enumCodec<ServedState, WireState>(StateSchema);
export const accesses = enumCodec<GrantAccess, WireAccess>(AccessSchema);

export function tenantFromWire(tenant: WireTenant | undefined): Tenant {
  const wire = required(tenant, "tenant");
  return {
    id: wire.tenantId,
    name: wire.name,
    state: servedStates.fromWire(wire.state),
    settings: settingsFromWire(wire.settings),
    limits: limitsFromWire(wire.limits),
    defaultProjectId: wire.defaultProjectId,
    createTime: toDate(wire.createTime),
    updateTime: toDate(wire.updateTime),
    etag: wire.etag,
  };
}

export function projectFromWire(project: WireProject | undefined): Project {
  const wire = required(project, "project");
  return {
    id: wire.projectId,
    name: wire.name,
    state: servedStates.fromWire(wire.state),
    settings: settingsFromWire(wire.settings),
    limits: limitsFromWire(wire.limits),
    createTime: toDate(wire.createTime),
    updateTime: toDate(wire.updateTime),
    etag: wire.etag,
  };
}

export function teamFromWire(team: WireTeam | undefined): Team {
  const { teamId, name, createTime, etag } = required(team, "team");
  return { id: teamId, name, createTime: toDate(createTime), etag };
}

export function grantFromWire(grant: WireGrant | undefined): Grant {
  const wire = required(grant, "grant");
  return {
    id: wire.grantId,
    teamId: wire.teamId || undefined,
    ofProjectId: wire.ofProjectId || undefined,
    ofTenant: wire.ofTenant,
    grantee: granteeFromWire(wire.grantee),
    access: accesses.fromWire(wire.access),
    createTime: toDate(wire.createTime),
    expireTime: toDate(wire.expireTime),
  };
}

function granteeFromWire(wire: WireGrantee | undefined): Grantee | undefined {
  const { case: member, value } = wire?.grantee ?? {};
  return member === undefined ? undefined : ({ [member]: value } as unknown as Grantee);
}

const GRANTEES = ["userId", "agentId", "appId", "teamId", "apiKeyId", "projectId"] as const;

/** @throws InvalidArgumentError unless it names exactly one. */
export function granteeToWire(grantee: Grantee): MessageInitShape<typeof GranteeSchema> {
  const named = Object.entries(grantee).filter(([, id]) => id !== undefined);
  const [member, id] = named[0] ?? [];
  const known = GRANTEES.find((name) => name === member);
  if (known === undefined || typeof id !== "string" || named.length > 1)
    throw invalidField("grantee", `must name exactly one of ${GRANTEES.join(", ")}`);
  return { grantee: { case: known, value: id } };
}

/** A team by its id. */
export function grantedToWire(of: Granted): { teamId?: string; ofProjectId?: string; ofTenant?: boolean } {
  if (typeof of === "string") return { teamId: of };
  return "tenant" in of ? { ofTenant: of.tenant } : { ofProjectId: of.projectId };
}
