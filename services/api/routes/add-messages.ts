import type { HandlerContext } from "@connectrpc/connect";
import { MnemeError } from "@mneme/core/errors.ts";
import { waitForExtraction } from "@mneme/core/extraction/wait-for-extraction.ts";
import { meteredConversations } from "@mneme/core/limits/metered-conversations.ts";
import { addMessages as keep } from "@mneme/core/memory/add-messages.ts";
import type { Caller, Tenancy } from "@mneme/core/tenancy/caller.ts";
import {
  type AddMessagesRequest,
  AddMessagesRequestSchema,
  WaitFor,
} from "@mneme/proto/mneme/memory/v1/memory_service_pb.js";
import type { Scope } from "@mneme/proto/mneme/scope/v1/scope_pb.js";
import { answerBy, callerOf, callOf } from "../call.ts";
import { createCheckMessages } from "../checks/added-messages.ts";
import { fromExtraction, toProcessing } from "../convert/extraction.ts";
import { toMessages } from "../convert/message.ts";
import { toMetadata, toScope } from "../convert/scope.ts";
import { canonicalBody } from "../convert/write-request.ts";
import type { RouteDeps } from "./deps.ts";

export function addMessages(deps: RouteDeps) {
  const checkMessages = createCheckMessages();
  return async (request: AddMessagesRequest, context: HandlerContext) => {
    const caller = callerOf(context);
    const now = new Date();
    const infer = request.infer ?? true;
    const body = canonicalBody(AddMessagesRequestSchema, request);
    checkMessages(request.messages, body.length, infer);
    const conversations = meteredConversations(deps.conversations, deps.addLimits, caller);
    const added = await keep(
      { ...deps, conversations },
      caller,
      {
        scope: toScope(request.scope as Scope),
        messages: toMessages(request.messages, "messages", now),
        requestId: request.requestId,
        infer,
        processing: toProcessing(request.processing),
        metadata: toMetadata(request.metadata),
        body,
      },
      context.signal,
    );
    const waited = await wait(deps, request.waitFor, added.extraction, context);
    return {
      extractionId: added.extraction.id,
      freshnessToken: added.freshnessToken,
      messageIds: [...added.messageIds],
      extraction: fromExtraction(waited.extraction),
      waitExpired: waited.expired,
    };
  };
}

/**
 * What a call has kept itself it may wait for, also where it reached a team as the user, agent or app of its scope: by the
 * extraction's id alone nobody of these is named. A user's token speaks for its user whatever is asked.
 */
function asItsOwn(caller: Caller): Tenancy {
  const { tenantId, projectId, audit, reach } = caller;
  return reach.subject ? caller : { tenantId, projectId, audit };
}

type Extraction = Awaited<ReturnType<typeof waitForExtraction>>["extraction"];

async function wait(
  deps: RouteDeps,
  waitFor: WaitFor,
  extraction: Extraction,
  context: HandlerContext,
): Promise<{ readonly extraction: Extraction; readonly expired: boolean }> {
  if (waitFor === WaitFor.UNSPECIFIED) return { extraction, expired: false };
  const until = waitFor === WaitFor.EXTRACTED ? "extracted" : "searchable";
  const deadline = answerBy(callOf(context.values));
  const tenancy = asItsOwn(callerOf(context));
  try {
    return await waitForExtraction(deps, tenancy, extraction.id, { until, deadline }, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    // The messages are kept. An error would tell their sender to send them again.
    if (error instanceof MnemeError && error.kind === "unavailable") return { extraction, expired: true };
    throw error;
  }
}
