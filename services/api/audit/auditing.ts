import type { Interceptor } from "@connectrpc/connect";
import { ConnectError } from "@connectrpc/connect";
import { codeToString } from "@connectrpc/connect/protocol-connect";
import type { Auditor } from "@mneme/core/audit/auditor.ts";
import { CallAudit, OK, type Outcome } from "@mneme/core/audit/call-audit.ts";
import { MnemeError } from "@mneme/core/errors.ts";
import type { Caller } from "@mneme/core/tenancy/caller.ts";
import { type Call, callOf } from "../call.ts";
import { reasonOf } from "../convert/error.ts";
import type { Translate } from "../interceptors/errors.ts";
import { orAbort } from "../interceptors/stream.ts";
import type { Logger } from "../log.ts";
import { noteTouched } from "./touched.ts";

export interface AuditingOptions {
  readonly auditor: Auditor;
  readonly translate: Translate;
  readonly log: Logger;
  /** Told of an event that could not be kept. */
  readonly onFailure: () => void;
}

/** Refused at the gate: they read and change nothing. */
const REFUSED_CHEAPLY: ReadonlySet<string> = new Set([
  "RATE_LIMITED",
  "PERMISSION_MISSING",
  "PROJECT_NOT_FOUND",
  "SUSPENDED",
]);
/** Of those one a key and procedure so often: a flood of them must not cost a write each. */
const REFUSAL_MS = 1_000;
const MOST_SLOTS = 10_000;

/** How long a call waits for its event: a record that hangs must not hold answers back past their deadlines. */
const KEEP_MS = 2_000;

/** Sees that no call of an authenticated caller is answered without an event of it. */
export interface Auditing {
  /** The caller, with what gathers whom and what this call touches. */
  begin(call: Call, caller: Caller): Caller;
  /** Keeps the event of a call that was refused before it reached the interceptors; does not throw. */
  refused(call: Call, outcome: unknown): Promise<void>;
  /** For all other calls: an answer leaves once its event is kept, a stream's with the first message and the last. */
  readonly interceptor: Interceptor;
  /** Notes what a request names. Behind its validation: ids of what is refused unread are anybody's, as many as they like. */
  readonly requestInterceptor: Interceptor;
}

export function createAuditing({ auditor, translate, log, onFailure }: AuditingOptions): Auditing {
  /** Calls whose events are the interceptor's to keep, or were kept by the gate. */
  const taken = new WeakSet<Call>();

  /** Calls that are refused because their event can't be kept: another try would wait as long. */
  const lost = new WeakSet<Call>();
  /** When a refusal of a key for a reason was kept last. */
  const refusals = new Map<string, number>();

  function isOneOfFlood({ caller, method }: Call, outcome: unknown): boolean {
    const reason = outcome instanceof ConnectError ? reasonOf(outcome) : undefined;
    if (!caller || !reason || !REFUSED_CHEAPLY.has(reason)) return false;
    // Without a permission, each procedure by itself; else whatever it asks for.
    const slot = `${caller.apiKeyId}/${reason === "PERMISSION_MISSING" ? method.name : reason}`;
    const now = performance.now();
    if (now - (refusals.get(slot) ?? Number.NEGATIVE_INFINITY) < REFUSAL_MS) return true;
    if (refusals.size >= MOST_SLOTS) refusals.clear();
    refusals.set(slot, now);
    return false;
  }

  async function keep({ caller }: Call, outcome: Outcome): Promise<void> {
    const audit = caller?.audit;
    if (!audit || (outcome === OK && audit.isTold)) return;
    const draft = audit.draft(outcome);
    try {
      await inTime(auditor.note(caller.tenantId, draft.event));
    } catch (error) {
      onFailure();
      throw error;
    }
    draft.kept();
  }

  /** It fails anyway: its client is told why, and the log that the trail lacks it. */
  async function keepFailure(call: Call, error: unknown): Promise<void> {
    if (lost.has(call)) return;
    try {
      await keep(call, outcomeOf(error));
    } catch (failure) {
      log.error(
        { request_id: call.requestId, method: call.method.name, err: failure },
        "a call is not audited",
      );
    }
  }

  /** @throws ConnectError where the event can't be kept: then the call has no answer either. */
  async function keepSuccess(call: Call, signal: AbortSignal): Promise<void> {
    try {
      await keep(call, OK);
    } catch (error) {
      lost.add(call);
      throw translate(error, call, signal);
    }
  }

  async function* streamed<T extends object>(
    items: AsyncIterable<T>,
    call: Call,
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    let isOver = false;
    let isFirst = true;
    try {
      for await (const item of items) {
        touched(call, call.method.output, item);
        if (isFirst) await keepSuccess(call, signal);
        isFirst = false;
        yield item;
      }
      isOver = true;
      await keepSuccess(call, signal);
    } catch (error) {
      isOver = true;
      await keepFailure(call, error);
      throw error;
    } finally {
      // Its client went away.
      if (!isOver) await keepFailure(call, undefined);
    }
  }

  return {
    begin(call, caller) {
      const audit = new CallAudit({
        action: `${call.method.parent.typeName}/${call.method.name}`,
        actor: { apiKeyId: caller.apiKeyId, subjectId: caller.reach.subject?.id ?? "", service: "" },
        projectId: caller.projectId,
        requestId: call.requestId,
      });
      audit.about(caller.reach.subject?.id);
      return { ...caller, audit };
    },
    async refused(call, outcome) {
      if (taken.has(call) || !call.caller) return;
      taken.add(call);
      if (isOneOfFlood(call, outcome)) return;
      await keepFailure(call, outcome);
    },
    interceptor: (next) => async (request) => {
      const call = callOf(request.contextValues);
      if (!call.caller) return next(request);
      taken.add(call);
      try {
        const response = await next(request);
        if (response.stream) {
          return { ...response, message: streamed(response.message, call, request.signal) };
        }
        touched(call, request.method.output, response.message);
        await keepSuccess(call, request.signal);
        return response;
      } catch (error) {
        await keepFailure(call, error);
        throw error;
      }
    },
    requestInterceptor: (next) => (request) => {
      if (!request.stream) touched(callOf(request.contextValues), request.method.input, request.message);
      return next(request);
    },
  };
}

/** @throws MnemeError DEPENDENCY_UNAVAILABLE where it takes too long. */
async function inTime(keeping: Promise<void>): Promise<void> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(tooLate()), KEEP_MS);
  try {
    await orAbort(keeping, late.signal);
  } finally {
    clearTimeout(timer);
  }
}

function tooLate(): MnemeError {
  const message = "the record takes too long to audit the call; try again";
  const metadata = { dependency: "postgres" };
  return new MnemeError("unavailable", "DEPENDENCY_UNAVAILABLE", message, { metadata, retryAfterMs: 1_000 });
}

function touched({ caller }: Call, schema: Parameters<typeof noteTouched>[1], message: object): void {
  if (caller?.audit) noteTouched(caller.audit, schema, message);
}

/** Nothing but the end of its connection ends a call without an error. */
function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof ConnectError)) return { code: "canceled", reason: "CANCELLED" };
  return { code: codeToString(error.code), reason: reasonOf(error) ?? "" };
}
