import type { DescMessage, Message } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import { MnemeError } from "@mneme/core/errors.ts";
import { lowerIds } from "../checks/lower-case-ids.ts";
import { checkValues } from "../checks/values.ts";
import { createCheckRules } from "../checks/violations.ts";
import { tap } from "./stream.ts";

/**
 * Checks every request message before an implementation sees it: its texts and times, then its schema's rules. Ids of ours
 * that it names reach the implementation in lower case.
 *
 * @param inputs the messages to be expected.
 */
export function validationInterceptor(inputs: readonly DescMessage[]): Interceptor {
  const checkRules = createCheckRules(inputs);
  const check = (schema: DescMessage, message: Message) => {
    checkValues(schema, message);
    checkRules(schema, message);
    lowerIds(schema, message);
  };
  return (next) => async (request) => {
    const { input } = request.method;
    if (!request.stream) {
      check(input, request.message);
      return next(request);
    }
    const message = tap(request.message, (item, index) => {
      try {
        check(input, item);
      } catch (error) {
        throw request.method.methodKind === "client_streaming" ? inMessage(error, index) : error;
      }
    });
    return next({ ...request, message });
  };
}

/** Says which message of a stream it was. */
function inMessage(error: unknown, index: number): unknown {
  if (!(error instanceof MnemeError)) return error;
  const { kind, reason, fields, retryAfterMs } = error;
  return new MnemeError(kind, reason, `message ${index} of the stream: ${error.message}`, {
    metadata: { ...error.metadata, message_index: String(index) },
    fields,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}
