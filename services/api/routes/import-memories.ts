import type { HandlerContext } from "@connectrpc/connect";
import { meteredConversations } from "@mneme/core/limits/metered-conversations.ts";
import { type ImportItem, importMemories as keepAll } from "@mneme/core/memory/import-memories.ts";
import type { MemoryDraft } from "@mneme/proto/mneme/memory/v1/memory_pb.js";
import {
  type ImportMemoriesRequest,
  ImportMemoriesRequestSchema,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import { callerOf } from "../call.ts";
import { toDraft } from "../convert/memory.ts";
import { toScope } from "../convert/scope.ts";
import { toDate } from "../convert/time.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function importMemories(deps: RouteDeps) {
  return async (requests: AsyncIterable<ImportMemoriesRequest>, context: HandlerContext) => {
    const caller = callerOf(context);
    const conversations = meteredConversations(deps.conversations, deps.addLimits, caller);
    const result = await keepAll({ ...deps, conversations }, caller, toItems(requests), context.signal);
    return { ...result, extractionIds: [...result.extractionIds] };
  };
}

async function* toItems(requests: AsyncIterable<ImportMemoriesRequest>): AsyncGenerator<ImportItem> {
  for await (const request of requests) {
    const memory = request.memory as MemoryDraft;
    yield {
      scope: request.scope && toScope(request.scope),
      draft: toDraft(memory),
      saidAt: toDate(memory.saidAt),
      requestId: request.requestId,
      body: canonicalBody(ImportMemoriesRequestSchema, request),
    };
  }
}
