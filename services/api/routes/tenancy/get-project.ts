import type { HandlerContext } from "@connectrpc/connect";
import type { GetProjectRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromSettings } from "../../convert/settings.ts";
import { fromProject } from "../../convert/tenancy.ts";
import type { RouteDeps } from "../deps.ts";

export function getProject({ projects }: Pick<RouteDeps, "projects">) {
  return async ({ projectId }: GetProjectRequest, context: HandlerContext) => {
    const { project, effective } = await projects.get(callerOf(context), projectId, context.signal);
    return { project: fromProject(project), effectiveSettings: fromSettings(effective) };
  };
}
