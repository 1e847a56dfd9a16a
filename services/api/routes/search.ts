import type { HandlerContext } from "@connectrpc/connect";
import { searchMemories } from "@mneme/core/search/search-memories.ts";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import type { SearchRequest } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { answerBy, callerOf, callOf } from "../call.ts";
import { toScope } from "../convert/scope.ts";
import {
  fromDegradation,
  fromHit,
  fromLeftOut,
  fromTimings,
  toFilter,
  toRanking,
} from "../convert/search.ts";
import { toDate } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

const DEFAULT_LIMIT = 10;
const DEFAULT_TOKEN_BUDGET = 200;

export function search(deps: RouteDeps) {
  return async (request: SearchRequest, context: HandlerContext) => {
    const result = await searchMemories(
      deps,
      callerOf(context),
      {
        scope: toScope(request.scope as Scope),
        query: request.query,
        filter: toFilter(request.filter),
        ranking: toRanking(request.ranking),
        limit: request.limit || DEFAULT_LIMIT,
        tokenBudget: request.tokenBudget || DEFAULT_TOKEN_BUDGET,
        minSimilarity: request.minSimilarity,
        minScore: request.minScore,
        asOf: toDate(request.asOf),
        knownAt: toDate(request.knownAt),
        atLeastAsFresh: request.atLeastAsFresh,
        deadline: answerBy(callOf(context.values)),
      },
      context.signal,
    );
    return {
      hits: result.hits.map(fromHit),
      leftOut: result.leftOut.map(fromLeftOut),
      degraded: result.degraded.map(fromDegradation),
      tokens: result.tokens,
      timings: fromTimings(result.timings),
    };
  };
}
