import { TenancyService } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { type Served, serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { createGrant } from "./create-grant.ts";
import { createProject } from "./create-project.ts";
import { createTeam } from "./create-team.ts";
import { deleteGrant } from "./delete-grant.ts";
import { deleteTeam } from "./delete-team.ts";
import { getBudget } from "./get-budget.ts";
import { getProject } from "./get-project.ts";
import { getTeam } from "./get-team.ts";
import { getTenant } from "./get-tenant.ts";
import { listGrants } from "./list-grants.ts";
import { listProjects } from "./list-projects.ts";
import { listTeams } from "./list-teams.ts";
import { listUsage } from "./list-usage.ts";
import { updateProject } from "./update-project.ts";
import { updateTeam } from "./update-team.ts";
import { updateTenant } from "./update-tenant.ts";

/** What a tenant administers itself. */
export function tenancyService(
  deps: Pick<RouteDeps, "tenants" | "projects" | "teams" | "grants" | "allowedModels" | "usage">,
): Served {
  return serve(TenancyService, {
    getTenant: getTenant(deps),
    updateTenant: updateTenant(deps),
    createProject: createProject(deps),
    getProject: getProject(deps),
    listProjects: listProjects(deps),
    updateProject: updateProject(deps),
    listUsage: listUsage(deps),
    getBudget: getBudget(deps),
    createTeam: createTeam(deps),
    getTeam: getTeam(deps),
    listTeams: listTeams(deps),
    updateTeam: updateTeam(deps),
    deleteTeam: deleteTeam(deps),
    createGrant: createGrant(deps),
    listGrants: listGrants(deps),
    deleteGrant: deleteGrant(deps),
  });
}
