import { createConnectRouter } from "@connectrpc/connect";
import type { Auditor } from "@mneme/core/audit/auditor.ts";
import type { Authenticator } from "@mneme/core/tenancy/authenticator.ts";
import { file_google_rpc_error_details } from "@mneme/proto/google/rpc/error_details_pb.js";
import { Health } from "@mneme/proto/grpc/health/v1/health_pb.js";
import { ServerReflection } from "@mneme/proto/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "@mneme/proto/grpc/reflection/v1alpha/reflection_pb.js";
import type { ApiConfig, TlsConfig } from "./config.ts";
import { fromMnemeError, toConnectError } from "./convert/error.ts";
import { type CallLimits, createFrame, type Served, serve } from "./frame.ts";
import { allowOrigins } from "./http/cross-origin.ts";
import { trackRequests } from "./http/in-progress.ts";
import { publishKeySet, type ReadKeySet } from "./http/key-set.ts";
import { type Listener, listenPlain, listenTls } from "./http/listeners.ts";
import { createProtocols, type HttpHandler, type Protocols } from "./http/protocols.ts";
import { createRpcHandler } from "./http/rpc-handler.ts";
import { drainingError } from "./interceptors/limits.ts";
import { createTelemetry } from "./interceptors/telemetry.ts";
import type { Logger } from "./log.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { listenMetrics } from "./metrics-server.ts";
import type { Readiness } from "./readiness.ts";
import { createHealth } from "./routes/health.ts";
import { createReflection } from "./routes/reflection.ts";

export type ServerConfig = Pick<
  ApiConfig,
  | "host"
  | "port"
  | "tls"
  | "metricsHost"
  | "metricsPort"
  | "corsOrigins"
  | "reflection"
  | "limits"
  | "drainMs"
>;

export interface ServerOptions {
  readonly config: ServerConfig;
  readonly authenticator: Authenticator;
  readonly auditor: Auditor;
  readonly keySet: ReadKeySet;
  readonly services: readonly Served[];
  readonly callLimits?: CallLimits;
  readonly readiness: Readiness;
  readonly log: Logger;
  /** What the process counts beside its calls is in it as well; its own unless told. */
  readonly metrics?: Metrics;
  /** How often certificates are looked at for new ones. */
  readonly reloadMs?: number;
}

export interface Server {
  /** Real ports, where 0 was asked for. */
  readonly port: number | undefined;
  readonly tlsPort: number | undefined;
  readonly metricsPort: number;
  /**
   * Stops gracefully: not ready any more, new calls turned away, those in progress finished for as long as
   * the settings allow, then everything closed. Calling it again does not hurry it.
   */
  stop(): Promise<void>;
}

/** Serves on every configured port. @throws Error when a port cannot be had or a certificate read. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, readiness, log, metrics = createMetrics() } = options;
  const draining = new AbortController();
  const stopped = new AbortController();
  const telemetry = createTelemetry({ log, metrics });
  const frame = createFrame({
    ...options,
    telemetry,
    onUnaudited: () => metrics.unaudited.inc(),
    limits: config.limits,
    openServices: openServices(options.services, readiness, config.reflection),
    draining: draining.signal,
    stopped: stopped.signal,
  });
  const router = createConnectRouter(frame.options);
  frame.routes(router);
  const rpc = createRpcHandler({ ...config.limits, handlers: router.handlers, telemetry, log });
  const onFailure = (error: unknown) => log.warn({ err: error }, "the published keys cannot be read");
  const handler = publishKeySet({ read: options.keySet, onFailure }, allowOrigins(config.corsOrigins, rpc));
  const inProgress = trackRequests(closeWhile(draining.signal, handler));
  const protocols = createProtocols(inProgress.handler, { requestTimeoutMs: config.limits.streamDeadlineMs });
  const plain =
    config.port === undefined ? undefined : await listenPlain(config.host, config.port, protocols);
  const tls = config.tls && (await openTls(config.tls, options, protocols));
  const { metricsHost, metricsPort } = config;
  const probes = await listenMetrics({ host: metricsHost, port: metricsPort, metrics, readiness });

  async function drain(): Promise<void> {
    readiness.withdraw();
    draining.abort(drainingError());
    protocols.goAway();
    await within(config.drainMs, inProgress.none());
    plain?.close();
    tls?.close();
    stopped.abort(toConnectError(fromMnemeError(drainingError())));
    // Calls that were just ended still have their answers to send.
    await within(LAST_WORDS_MS, Promise.all([inProgress.none(), protocols.goAway()]));
    protocols.destroy();
    probes.close();
    readiness.close();
  }

  let stopping: Promise<void> | undefined;
  return {
    port: plain?.port,
    tlsPort: tls?.port,
    metricsPort: probes.port,
    stop() {
      stopping ??= drain();
      return stopping;
    },
  };
}

const LAST_WORDS_MS = 500;

function openTls(tls: TlsConfig, options: ServerOptions, protocols: Protocols): Promise<Listener> {
  const { config, log, reloadMs } = options;
  const onUnusable = (error: Error) => {
    const { code } = error as NodeJS.ErrnoException;
    log.warn({ code }, "renewed certificates cannot be used; those before them stay in use");
  };
  return listenTls({
    host: config.host,
    config: tls,
    protocols,
    onUnusable,
    ...(reloadMs !== undefined && { reloadMs }),
  });
}

function openServices(services: readonly Served[], readiness: Readiness, reflects: boolean): Served[] {
  const product = services.map(({ service }) => service);
  if (!reflects) return [serve(Health, createHealth(readiness, [...product, Health]))];
  const described = [...product, Health, ServerReflection];
  const reflection = createReflection([...described, ServerReflectionAlpha], [file_google_rpc_error_details]);
  return [
    serve(Health, createHealth(readiness, described)),
    serve(ServerReflection, reflection),
    // The same messages under another package name.
    serve(
      ServerReflectionAlpha,
      reflection as unknown as Parameters<typeof serve<typeof ServerReflectionAlpha>>[1],
    ),
  ];
}

/** HTTP/1.1 clients leave after their answer once the process stops; HTTP/2 has its own word for that. */
function closeWhile(draining: AbortSignal, handler: HttpHandler): HttpHandler {
  return (request, response) => {
    if (draining.aborted && request.httpVersionMajor === 1) response.setHeader("connection", "close");
    handler(request, response);
  };
}

/** Waits for it, but not longer than that. */
async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([done, late]);
  clearTimeout(timer);
}
