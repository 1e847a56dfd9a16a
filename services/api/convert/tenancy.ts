import { create } from "@bufbuild/protobuf";
import { invalidField } from "@mneme/core/errors.ts";
import type { Project, ServedState, Tenant, Update } from "@mneme/core/tenancy/tenant-store.ts";
import { LimitsSchema, SettingsSchema } from "@mneme/proto/mneme/tenancy/v1/settings_pb.js";
import type { UpdateProjectRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import {
  ProjectSchema,
  State,
  TenantSchema,
  type Project as WireProject,
  type Tenant as WireTenant,
} from "@mneme/proto/mneme/tenancy/v1/tenant_pb.js";
import { keyOf } from "./enum-table.ts";
import { changesIn, type Maskable, names, toMaskedPaths } from "./field-mask.ts";
import { fromLimits, toLimits } from "./limits.ts";
import { fromSettings, toSettings } from "./settings.ts";
import { fromDate } from "./time.ts";

const STATES: Readonly<Record<ServedState, State>> = { active: State.ACTIVE, suspended: State.SUSPENDED };

const FIELDS = {
  name: {},
  state: {},
  // Groups and their members.
  settings: { into: SettingsSchema, steps: 2 },
  limits: { into: LimitsSchema, steps: 1 },
} satisfies Maskable;

type UpdateField = keyof typeof FIELDS;

/** The part of an update's request that is common to those of tenants and projects. */
type UpdateRequest = Pick<UpdateProjectRequest, "updateMask" | "etag"> &
  Partial<Pick<UpdateProjectRequest, UpdateField>>;

/** @throws MnemeError FIELD_INVALID for a mask that names something else than `fields`, and for what it names unset. */
export function toUpdate(request: UpdateRequest, fields: readonly UpdateField[]): Update {
  const maskable = Object.fromEntries(fields.map((name) => [name, FIELDS[name]]));
  const paths = toMaskedPaths(request.updateMask, maskable);
  return {
    ...(names(paths, "name") && { name: required("name", request.name) }),
    ...(names(paths, "state") && { state: required("state", keyOf(STATES, request.state)) }),
    settings: changesIn(paths, "settings", toSettings(request.settings)),
    limits: changesIn(paths, "limits", toLimits(request.limits)),
    etag: request.etag,
  };
}

function required<T extends string>(field: string, value: T | undefined): T {
  if (!value) throw invalidField(field, "is named by update_mask and must be set");
  return value;
}

export function fromTenant(tenant: Tenant): WireTenant {
  return create(TenantSchema, {
    tenantId: tenant.id,
    name: tenant.name,
    state: STATES[tenant.state],
    settings: fromSettings(tenant.settings),
    limits: fromLimits(tenant.limits),
    defaultProjectId: tenant.defaultProjectId,
    createTime: fromDate(tenant.createdAt),
    updateTime: fromDate(tenant.updatedAt),
    etag: tenant.etag,
  });
}

export function fromProject(project: Project): WireProject {
  return create(ProjectSchema, {
    projectId: project.id,
    name: project.name,
    state: STATES[project.state],
    settings: fromSettings(project.settings),
    limits: fromLimits(project.limits),
    createTime: fromDate(project.createdAt),
    updateTime: fromDate(project.updatedAt),
    etag: project.etag,
  });
}
