import { ApiKeyService } from "@mneme/proto/mneme/access/v1/api_key_service_pb.js";
import { type Served, serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { createApiKey } from "./create-api-key.ts";
import { getApiKey } from "./get-api-key.ts";
import { listApiKeys } from "./list-api-keys.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import { rotateApiKey } from "./rotate-api-key.ts";

/** Keys of programs. */
export function apiKeyService(deps: Pick<RouteDeps, "apiKeys">): Served {
  return serve(ApiKeyService, {
    createApiKey: createApiKey(deps),
    getApiKey: getApiKey(deps),
    listApiKeys: listApiKeys(deps),
    rotateApiKey: rotateApiKey(deps),
    revokeApiKey: revokeApiKey(deps),
  });
}
