import type { HandlerContext } from "@connectrpc/connect";
import {
  type CreateProjectRequest,
  CreateProjectRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { requireAllowedModels } from "../../checks/settings.ts";
import { toLimits } from "../../convert/limits.ts";
import { toSettings } from "../../convert/settings.ts";
import { fromProject } from "../../convert/tenancy.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function createProject({ projects, allowedModels }: Pick<RouteDeps, "projects" | "allowedModels">) {
  return async (request: CreateProjectRequest, context: HandlerContext) => {
    const write = toWriteRequest("CreateProject", CreateProjectRequestSchema, request);
    const { name, settings, limits } = request;
    const project = { name, settings: toSettings(settings), limits: toLimits(limits) };
    requireAllowedModels(project.settings, allowedModels);
    return { project: fromProject(await projects.create(callerOf(context), project, write, context.signal)) };
  };
}
