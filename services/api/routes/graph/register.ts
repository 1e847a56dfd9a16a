import { GraphService } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { findPaths } from "./find-paths.ts";
import { getEntity } from "./get-entity.ts";
import { listEntities } from "./list-entities.ts";
import { listNeighbours } from "./list-neighbours.ts";
import { mergeEntities } from "./merge-entities.ts";
import { splitEntity } from "./split-entity.ts";
import { traverse } from "./traverse.ts";

export function graphService(deps: RouteDeps) {
  return serve(GraphService, {
    getEntity: getEntity(deps),
    listEntities: listEntities(deps),
    mergeEntities: mergeEntities(deps),
    splitEntity: splitEntity(deps),
    listNeighbours: listNeighbours(deps),
    findPaths: findPaths(deps),
    traverse: traverse(deps),
  });
}
