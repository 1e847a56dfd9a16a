import type { DescMethod, DescService } from "@bufbuild/protobuf";
import type { ConnectRouter, ConnectRouterOptions, MethodImpl, ServiceImpl } from "@connectrpc/connect";
import type { Auditor } from "@mneme/core/audit/auditor.ts";
import type { RateLimiter } from "@mneme/core/limits/rate-limiter.ts";
import type { StreamLimiter } from "@mneme/core/limits/stream-limiter.ts";
import type { Authenticator } from "@mneme/core/tenancy/authenticator.ts";
import { createAuditing } from "./audit/auditing.ts";
import type { LimitsConfig } from "./config.ts";
import { createGate } from "./gate.ts";
import { COMPRESSIONS } from "./http/compression.ts";
import { markInvalidText } from "./http/invalid-text.ts";
import { readingJson } from "./http/json-reader.ts";
import { createAuthenticate, requirePermissions } from "./interceptors/authentication.ts";
import { confinementInterceptor } from "./interceptors/confinement.ts";
import { credentialTenantInterceptor } from "./interceptors/credential-tenant.ts";
import { createTranslate, errorInterceptor } from "./interceptors/errors.ts";
import { heldCredentialsInterceptor } from "./interceptors/held-credentials.ts";
import { deadlineInterceptor, drainInterceptor, streamLimitInterceptor } from "./interceptors/limits.ts";
import { createLimitRate } from "./interceptors/rate-limit.ts";
import { answeredInterceptor, type Telemetry } from "./interceptors/telemetry.ts";
import { validationInterceptor } from "./interceptors/validation.ts";
import type { Logger } from "./log.ts";

/** A service with all of its methods. */
export interface Served {
  readonly service: DescService;
  readonly implementation: Readonly<Record<string, unknown>>;
}

/** Ties an implementation to its service, checked by the compiler. */
export function serve<S extends DescService>(service: S, implementation: ServiceImpl<S>): Served {
  return { service, implementation: implementation as Readonly<Record<string, unknown>> };
}

/** What calls are held to over all replicas. */
export interface CallLimits {
  readonly rates: Pick<RateLimiter, "admit">;
  readonly streams: Pick<StreamLimiter, "open">;
}

export interface FrameOptions {
  readonly authenticator: Authenticator;
  readonly limits: LimitsConfig;
  /** Without them calls are only held to the process's own bounds. */
  readonly callLimits?: CallLimits | undefined;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  readonly auditor: Auditor;
  /** Told of a call whose audit event could not be kept. */
  readonly onUnaudited: () => void;
  /** Need a key and a permission. */
  readonly services: readonly Served[];
  /** Need none: health, reflection. */
  readonly openServices: readonly Served[];
  /** Fires when the process is asked to stop. */
  readonly draining: AbortSignal;
  /** Fires when calls that are still in progress must end; its reason is what they are told. */
  readonly stopped: AbortSignal;
}

export interface Frame {
  readonly options: ConnectRouterOptions;
  routes(router: ConnectRouter): void;
}

/** What is smaller, a page of hits among it, is answered sooner as it is. */
const COMPRESS_MIN_BYTES = 16 * 1024;

/** Of a message that anybody may send: a name, of a service or a symbol. */
const MAX_OPEN_BYTES = 64 * 1024;

/** An answer that is larger is a fault of the request, e.g. a page size. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Everything between HTTP and the implementations. Outermost first: telemetry, audit, errors, authentication (all
 * before the body is read), limits, confinement of users' tokens, validation.
 *
 * @throws Error when a method of a service that needs a key asks for no permission.
 */
export function createFrame(options: FrameOptions): Frame {
  const { limits, callLimits, log, telemetry, draining } = options;
  const services = options.services.map(({ service }) => service);
  requirePermissions(services);
  markInvalidText();
  const open = options.openServices.map(({ service }) => service);
  const maxRequestBytes = ({ parent }: DescMethod) =>
    open.includes(parent) ? Math.min(limits.maxRequestBytes, MAX_OPEN_BYTES) : limits.maxRequestBytes;
  const translate = createTranslate({ log, maxRequestBytes, maxAnswerBytes: MAX_ANSWER_BYTES });
  const authenticate = createAuthenticate(options.authenticator);
  const { auditor, onUnaudited: onFailure } = options;
  const auditing = createAuditing({ auditor, translate, log, onFailure });
  return {
    options: {
      requestGate: createGate({
        telemetry,
        translate,
        authenticate,
        auditing,
        limitRate: createLimitRate(callLimits?.rates),
        deadlines: limits,
        draining,
        open,
      }),
      interceptors: [
        answeredInterceptor,
        auditing.interceptor,
        errorInterceptor(translate),
        streamLimitInterceptor(limits.maxStreamsPerKey, callLimits?.streams),
        drainInterceptor(draining),
        heldCredentialsInterceptor(authenticate),
        deadlineInterceptor,
        credentialTenantInterceptor,
        confinementInterceptor,
        validationInterceptor(services.flatMap(({ methods }) => methods.map(({ input }) => input))),
        auditing.requestInterceptor,
      ],
      acceptCompression: COMPRESSIONS,
      compressMinBytes: COMPRESS_MIN_BYTES,
      writeMaxBytes: MAX_ANSWER_BYTES,
      shutdownSignal: options.stopped,
    },
    routes(router) {
      for (const served of [...options.services, ...options.openServices]) {
        addService(router, served, maxRequestBytes);
      }
    },
  };
}

function addService(
  router: ConnectRouter,
  { service, implementation }: Served,
  maxRequestBytes: (method: DescMethod) => number,
): void {
  for (const method of service.methods) {
    const implement = implementation[method.localName];
    if (typeof implement !== "function") throw new Error(`${service.typeName}/${method.name} is missing`);
    router.rpc(method, implement.bind(implementation) as MethodImpl<DescMethod>, {
      jsonOptions: readingJson(method.input),
      readMaxBytes: maxRequestBytes(method),
    });
  }
}
