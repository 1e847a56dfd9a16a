import type { HandlerContext } from "@connectrpc/connect";
import {
  type UpdateProjectRequest,
  UpdateProjectRequestSchema,
} from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { requireAllowedModelsIn } from "../../checks/settings.ts";
import { fromProject, toUpdate } from "../../convert/tenancy.ts";
import { toWriteRequest } from "../../convert/write-request.ts";
import type { RouteDeps } from "../deps.ts";

export function updateProject({ projects, allowedModels }: Pick<RouteDeps, "projects" | "allowedModels">) {
  return async (request: UpdateProjectRequest, context: HandlerContext) => {
    const write = toWriteRequest("UpdateProject", UpdateProjectRequestSchema, request);
    const update = toUpdate(request, ["name", "state", "settings", "limits"]);
    requireAllowedModelsIn(update.settings, allowedModels);
    const { projectId } = request;
    const project = await projects.update(callerOf(context), projectId, update, write, context.signal);
    return { project: fromProject(project) };
  };
}
