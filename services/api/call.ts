import { randomUUID } from "node:crypto";
import type { DescMethod } from "@bufbuild/protobuf";
import { type ContextValues, createContextKey, type HandlerContext } from "@connectrpc/connect";
import type { Caller } from "@mneme/core/tenancy/caller.ts";

/** One call, from the arrival of its headers to the end of its answer. */
export interface Call {
  readonly requestId: string;
  readonly method: DescMethod;
  /** connect, grpc or grpc-web. */
  readonly protocol: string;
  /** Both by `performance.now()`. */
  readonly startedAt: number;
  readonly deadlineAt: number;
  /** Headers of its answer; of a stream that has begun they are sent. */
  readonly answerHeader: Headers;
  /** Undefined on services that need no credentials. */
  caller: Caller | undefined;
  /** Set once the implementation has answered in full. */
  answered: boolean;
  /** Parts that its answer lacks, by name. */
  degraded: readonly string[];
}

export interface Deadlines {
  readonly unaryDeadlineMs: number;
  readonly streamDeadlineMs: number;
}

const key = createContextKey<Call | undefined>(undefined, { description: "the call" });

/** Opens a call: its id is the client's `x-request-id` where that is usable, and its deadline is bounded. */
export function openCall(context: HandlerContext, deadlines: Deadlines): Call {
  const longest =
    context.method.methodKind === "unary" ? deadlines.unaryDeadlineMs : deadlines.streamDeadlineMs;
  const startedAt = performance.now();
  const call: Call = {
    requestId: requestIdOf(context.requestHeader.get("x-request-id")),
    method: context.method,
    protocol: context.protocolName,
    startedAt,
    deadlineAt: startedAt + Math.min(context.timeoutMs() ?? longest, longest),
    answerHeader: context.responseHeader,
    caller: undefined,
    answered: false,
    degraded: [],
  };
  context.values.set(key, call);
  return call;
}

/** The call that these context values belong to. */
export function callOf(values: ContextValues): Call {
  const call = values.get(key);
  if (!call) throw new Error("no call was opened: the gate is missing");
  return call;
}

/** Who calls. Only for routes that need credentials, which the gate has checked. */
export function callerOf(context: Pick<HandlerContext, "values">): Caller {
  const { caller } = callOf(context.values);
  if (!caller) throw new Error("a route that needs a caller was reached without credentials");
  return caller;
}

/** Milliseconds left until the deadline, 0 when it has passed. */
export function remainingMs(call: Pick<Call, "deadlineAt">): number {
  return Math.max(0, call.deadlineAt - performance.now());
}

/** Part of a deadline, and most, that is kept for sending the answer. */
const ANSWER_SHARE = 0.2;
const ANSWER_MS = 250;

/** When to answer with what there is: a little before the deadline, so that the answer still arrives. */
export function answerBy(call: Pick<Call, "deadlineAt">): Date {
  const left = remainingMs(call);
  return new Date(Date.now() + left - Math.min(ANSWER_MS, left * ANSWER_SHARE));
}

// The characters leave no room for an address or a sentence: the id is logged.
const USABLE = /^[A-Za-z0-9._-]{1,128}$/;

/** @param given the client's `x-request-id`, which is the request's if it is usable. */
export function requestIdOf(given: string | null | undefined): string {
  return given && USABLE.test(given) ? given : randomUUID();
}
