import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { type Call, callOf } from "../call.ts";
import { detailsOf, isComplete, toConnectError } from "../convert/error.ts";
import type { Logger } from "../log.ts";
import { failureOf } from "./failure.ts";
import { tellQuota } from "./rate-limit.ts";
import { mapErrors } from "./stream.ts";

export interface ErrorOptions {
  readonly log: Logger;
  /** Of a message to this procedure. */
  readonly maxRequestBytes: (method: DescMethod) => number;
  readonly maxAnswerBytes: number;
}

/** Turns whatever was thrown into the one error that its client gets. */
export type Translate = (error: unknown, call: Call, signal: AbortSignal) => ConnectError;

/** Faults of ours are logged here, with their causes; a client's mistakes are not. */
export function createTranslate({ log, maxRequestBytes, maxAnswerBytes }: ErrorOptions): Translate {
  return (error, call, signal) => {
    for (const known of [error, signal.reason]) {
      if (known instanceof ConnectError && isComplete(known)) return known;
    }
    const limits = { maxRequestBytes: maxRequestBytes(call.method), maxAnswerBytes };
    const { wire, log: level } = failureOf(error, { call, signal, ...limits });
    if (level)
      log[level]({ request_id: call.requestId, method: call.method.name, err: error }, "call failed");
    return toConnectError(wire, error);
  };
}

/** Gives every error of an implementation its code, its reason, its details and the headers that fit. */
export function errorInterceptor(translate: Translate): Interceptor {
  return (next) => async (request) => {
    const call = callOf(request.contextValues);
    const fail = (error: unknown): never => {
      const failure = translate(error, call, request.signal);
      tellQuota(call.answerHeader, failure);
      throw failure;
    };
    try {
      const response = await next(request);
      return response.stream ? { ...response, message: mapErrors(response.message, fail) } : response;
    } catch (error) {
      return fail(error);
    }
  };
}

/**
 * Completes an error that Connect raised outside of every interceptor: a body that is too large or can't
 * be parsed, a broken envelope. Connect sends that very object once the context is aborted with it, so
 * changing it is the only way to word it and to add its details.
 */
export function completeFrameError(error: ConnectError, translate: Translate, call: Call): void {
  if (isComplete(error)) return;
  const complete = translate(error, call, NEVER);
  const open = error as { -readonly [K in keyof ConnectError]: ConnectError[K] };
  open.code = complete.code;
  open.rawMessage = complete.rawMessage;
  open.message = complete.message;
  open.details = complete.details;
}

/** For errors that are told apart by themselves, not by their call being over. */
const NEVER = new AbortController().signal;

/** What a client of a path that no service has is told. */
export function unimplemented(): ConnectError {
  const message = "there is no such procedure";
  const metadata = {};
  const wire = { code: Code.Unimplemented, reason: "UNIMPLEMENTED", message, metadata } as const;
  const details = detailsOf({ ...wire, fields: [], retryAfterMs: undefined });
  return new ConnectError(message, Code.Unimplemented, undefined, details);
}
