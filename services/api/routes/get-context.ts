import type { HandlerContext } from "@connectrpc/connect";
import { getContext as write } from "@mneme/core/search/get-context.ts";
import type { GetContextRequest } from "@mneme/proto/mneme/search/v1/search_service_pb.js";
import { answerBy, callerOf, callOf } from "../call.ts";
import { fromDegradation, fromLeftOut, toQuestion } from "../convert/search.ts";
import { fromDate } from "../convert/time.ts";
import type { RouteDeps } from "./deps.ts";

export function getContext(deps: RouteDeps) {
  return async (request: GetContextRequest, context: HandlerContext) => {
    const question = toQuestion(request, answerBy(callOf(context.values)));
    const caller = callerOf(context);
    const block = await write(deps, caller, question, context.signal);
    deps.uses.note(
      caller.tenantId,
      block.citations.map(({ memoryId }) => memoryId),
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
