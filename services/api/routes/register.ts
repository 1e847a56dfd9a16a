import type { ConnectRouter } from "@connectrpc/connect";
import { ExtractionService } from "@mneme/proto/mneme/extraction/v1/extraction_service_pb.js";
import { MemoryService } from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { SearchService } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { SessionService } from "@mneme/proto/mneme/session/v1/session_service_pb.js";
import { addMessages } from "./add-messages.ts";
import { appendSession } from "./append-session.ts";
import { batchDeleteMemories } from "./batch-delete-memories.ts";
import { batchGetMemories } from "./batch-get-memories.ts";
import { batchUpdateMemories } from "./batch-update-memories.ts";
import { deleteAllMemories } from "./delete-all-memories.ts";
import { deleteMemory } from "./delete-memory.ts";
import type { RouteDeps } from "./deps.ts";
import { endSession } from "./end-session.ts";
import { getContext } from "./get-context.ts";
import { getExtraction } from "./get-extraction.ts";
import { getMemory } from "./get-memory.ts";
import { getSession } from "./get-session.ts";
import { importMemories } from "./import-memories.ts";
import { listExtractions } from "./list-extractions.ts";
import { listMemories } from "./list-memories.ts";
import { listMemoryVersions } from "./list-memory-versions.ts";
import { retryExtraction } from "./retry-extraction.ts";
import { search } from "./search.ts";
import { updateMemory } from "./update-memory.ts";
import { watchExtraction } from "./watch-extraction.ts";

/** The product's services; health and reflection belong to the frame. */
export const SERVICES = [MemoryService, SearchService, ExtractionService, SessionService] as const;

/** Every RPC, one file each. */
export function registerRoutes(router: ConnectRouter, deps: RouteDeps): ConnectRouter {
  return router
    .service(MemoryService, {
      addMessages: addMessages(deps),
      importMemories: importMemories(deps),
      getMemory: getMemory(deps),
      listMemories: listMemories(deps),
      updateMemory: updateMemory(deps),
      deleteMemory: deleteMemory(deps),
      deleteAllMemories: deleteAllMemories(deps),
      batchGetMemories: batchGetMemories(deps),
      batchUpdateMemories: batchUpdateMemories(deps),
      batchDeleteMemories: batchDeleteMemories(deps),
      listMemoryVersions: listMemoryVersions(deps),
    })
    .service(SearchService, { search: search(deps), getContext: getContext(deps) })
    .service(ExtractionService, {
      getExtraction: getExtraction(deps),
      listExtractions: listExtractions(deps),
      retryExtraction: retryExtraction(deps),
      watchExtraction: watchExtraction(deps),
    })
    .service(SessionService, {
      appendSession: appendSession(deps),
      getSession: getSession(deps),
      endSession: endSession(deps),
    });
}
