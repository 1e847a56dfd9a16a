import type { HandlerContext } from "@connectrpc/connect";
import { getContext as write } from "@mneme/core/search/get-context.ts";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import type { GetContextRequest } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { answerBy, callerOf, callOf } from "../call.ts";
import { toScope } from "../convert/scope.ts";
import { fromDegradation, fromLeftOut, toFilter, toRanking } from "../convert/search.ts";
import { fromDate, toDate } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

const DEFAULT_TOKEN_BUDGET = 200;

export function getContext(deps: RouteDeps) {
  return async (request: GetContextRequest, context: HandlerContext) => {
    const block = await write(
      deps,
      callerOf(context),
      {
        scope: toScope(request.scope as Scope),
        query: request.query,
        filter: toFilter(request.filter),
        ranking: toRanking(request.ranking),
        tokenBudget: request.tokenBudget || DEFAULT_TOKEN_BUDGET,
        asOf: toDate(request.asOf),
        knownAt: toDate(request.knownAt),
        atLeastAsFresh: request.atLeastAsFresh,
        deadline: answerBy(callOf(context.values)),
      },
      context.signal,
    );
    return {
      text: block.text,
      citations: block.citations.map((citation) => ({
        number: citation.number,
        memoryId: citation.memoryId,
        messageIds: [...citation.messageIds],
        saidAt: fromDate(citation.saidAt),
      })),
      tokens: block.tokens,
      leftOut: block.leftOut.map(fromLeftOut),
      degraded: block.degraded.map(fromDegradation),
    };
  };
}
