import type { HandlerContext } from "@connectrpc/connect";
import { countedFor } from "@mneme/core/cost/counted-embedder.ts";
import { mostRecent } from "@mneme/core/search/most-recent.ts";
import { searchMemories } from "@mneme/core/search/search-memories.ts";
import type { SearchRequest } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { v7 as uuidv7 } from "uuid";
import { answerBy, callerOf, callOf } from "../call.ts";
import { fromQueryTime } from "../convert/query-time.ts";
import { fromDegradation, fromHit, fromLeftOut, fromTimings, toQuestion } from "../convert/search.ts";
import type { RouteDeps } from "./deps.ts";

const DEFAULT_LIMIT = 10;
/** So many memories are asked for, and no best of them. */
const MOST_TOKENS = 32_000;

export function search(deps: RouteDeps) {
  return async (request: SearchRequest, context: HandlerContext) => {
    const { minSimilarity, minScore } = request;
    const limit = request.mostRecent || request.limit || DEFAULT_LIMIT;
    const question = toQuestion(request, answerBy(callOf(context.values)));
    const command = { ...question, limit, minSimilarity, minScore };
    const caller = callerOf(context);
    const result = await (request.mostRecent > 0
      ? mostRecent(
          deps,
          caller,
          { ...command, tokenBudget: request.tokenBudget || MOST_TOKENS },
          context.signal,
        )
      : searchMemories(countedFor(deps, caller), caller, command, context.signal));
    deps.uses.note(
      caller.tenantId,
      result.hits.map(({ memory }) => memory.id),
    );
    return {
      hits: result.hits.map(fromHit),
      leftOut: result.leftOut.map(fromLeftOut),
      degraded: result.degraded.map(fromDegradation),
      tokens: result.tokens,
      timings: fromTimings(result.timings),
      searchId: uuidv7(),
      time: fromQueryTime(result.time),
    };
  };
}
