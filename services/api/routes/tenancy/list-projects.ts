import type { HandlerContext } from "@connectrpc/connect";
import { pageSizeOf } from "@mneme/core/tenancy/page-size.ts";
import type { ListProjectsRequest } from "@mneme/proto/mneme/tenancy/v1/tenancy_service_pb.js";
import { callerOf } from "../../call.ts";
import { fromProject } from "../../convert/tenancy.ts";
import type { RouteDeps } from "../deps.ts";

export function listProjects({ projects }: Pick<RouteDeps, "projects">) {
  return async ({ pageSize, pageToken }: ListProjectsRequest, context: HandlerContext) => {
    const asked = { pageSize: pageSizeOf(pageSize), pageToken };
    const { items, nextPageToken } = await projects.list(callerOf(context), asked, context.signal);
    return { projects: items.map(fromProject), nextPageToken };
  };
}
