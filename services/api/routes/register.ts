import { UserTokenService } from "@mneme/proto/mneme/access/v1/user_token_service_pb.js";
import { TenantKeyService } from "@mneme/proto/mneme/encryption/v1/tenant_key_service_pb.js";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { SessionService } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { type Served, serve } from "../frame.ts";
import { apiKeyService } from "./access/register.ts";
import { addMessages } from "./add-messages.ts";
import { appendSession } from "./append-session.ts";
import { archiveMemory } from "./archive-memory.ts";
import { auditService } from "./audit/register.ts";
import { batchDeleteMemories } from "./batch-delete-memories.ts";
import { batchGetMemories } from "./batch-get-memories.ts";
import { batchUpdateMemories } from "./batch-update-memories.ts";
import { bringTenantKey } from "./bring-tenant-key.ts";
import { consolidationService } from "./consolidation/register.ts";
import { deleteAllMemories } from "./delete-all-memories.ts";
import { deleteMemory } from "./delete-memory.ts";
import type { RouteDeps } from "./deps.ts";
import { endSession } from "./end-session.ts";
import { feedbackService } from "./feedback/register.ts";
import { getContext } from "./get-context.ts";
import { getExtraction } from "./get-extraction.ts";
import { getMemory } from "./get-memory.ts";
import { getMemoryHistory } from "./get-memory-history.ts";
import { getProfile } from "./get-profile.ts";
import { getSession } from "./get-session.ts";
import { getTenantKey } from "./get-tenant-key.ts";
import { graphService } from "./graph/register.ts";
import { importMemories } from "./import-memories.ts";
import { listExtractions } from "./list-extractions.ts";
import { listMemories } from "./list-memories.ts";
import { listMemoryReviews } from "./list-memory-reviews.ts";
import { listMemoryVersions } from "./list-memory-versions.ts";
import { mintUserToken } from "./mint-user-token.ts";
import { operatorService } from "./operator/register.ts";
import { replayService } from "./replay/register.ts";
import { restoreMemory } from "./restore-memory.ts";
import { retryExtraction } from "./retry-extraction.ts";
import { returnTenantKey } from "./return-tenant-key.ts";
import { rotateTenantKey } from "./rotate-tenant-key.ts";
import { search } from "./search.ts";
import { tenancyService } from "./tenancy/register.ts";
import { updateMemory } from "./update-memory.ts";
import { watchExtraction } from "./watch-extraction.ts";

/** The product's services, one file an RPC; health and reflection belong to the frame. */
export function productServices(deps: RouteDeps): Served[] {
  return [
    serve(MemoryService, {
      addMessages: addMessages(deps),
      importMemories: importMemories(deps),
      getMemory: getMemory(deps),
      listMemories: listMemories(deps),
      updateMemory: updateMemory(deps),
      archiveMemory: archiveMemory(deps),
      listMemoryReviews: listMemoryReviews(deps),
      restoreMemory: restoreMemory(deps),
      deleteMemory: deleteMemory(deps),
      deleteAllMemories: deleteAllMemories(deps),
      batchGetMemories: batchGetMemories(deps),
      batchUpdateMemories: batchUpdateMemories(deps),
      batchDeleteMemories: batchDeleteMemories(deps),
      listMemoryVersions: listMemoryVersions(deps),
      getMemoryHistory: getMemoryHistory(deps),
    }),
    serve(SearchService, {
      search: search(deps),
      getContext: getContext(deps),
      getProfile: getProfile(deps),
    }),
    graphService(deps),
    consolidationService(deps),
    serve(ExtractionService, {
      getExtraction: getExtraction(deps),
      listExtractions: listExtractions(deps),
      retryExtraction: retryExtraction(deps),
      watchExtraction: watchExtraction(deps),
    }),
    serve(SessionService, {
      appendSession: appendSession(deps),
      getSession: getSession(deps),
      endSession: endSession(deps),
    }),
    serve(UserTokenService, { mintUserToken: mintUserToken(deps) }),
    apiKeyService(deps),
    tenancyService(deps),
    operatorService(deps),
    auditService(deps),
    feedbackService(deps),
    replayService(deps),
    serve(TenantKeyService, {
      getTenantKey: getTenantKey(deps),
      rotateTenantKey: rotateTenantKey(deps),
      bringTenantKey: bringTenantKey(deps),
      returnTenantKey: returnTenantKey(deps),
    }),
  ];
}
