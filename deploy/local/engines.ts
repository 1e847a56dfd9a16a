import { join } from "node:path";
import { engineAccount } from "./account.ts";
import { cacheDir } from "./cache.ts";
import { type ExternalEngines, type Ports, readExternal } from "./config.ts";
import { obtainJava } from "./engines/jdk.ts";
import { obtainOpenSearch, prepareOpenSearch } from "./engines/opensearch.ts";
import { obtainPostgres, preparePostgres } from "./engines/postgres.ts";
import { obtainTemporal, temporalSpec } from "./engines/temporal.ts";
import { claimPort, freePort } from "./port.ts";
import { type Child, type ChildSpec, Supervisor } from "./supervise.ts";

type EnginePort = "postgres" | "opensearch" | "temporal" | "temporalUi" | "temporalMetrics";

export interface EnginesOptions {
  /** Folder for data and logs, created if absent. One stack at a time uses it. */
  readonly dataDir: string;
  /** Ports on 127.0.0.1; 0 or absent picks a free one. */
  readonly ports?: Partial<Pick<Ports, EnginePort>>;
  /** Engines that run elsewhere; by default those that the environment names. */
  readonly external?: ExternalEngines;
  readonly cacheDir?: string;
  readonly temporalNamespace?: string;
  /** Hears what is being done, a line at a time. */
  readonly log?: (line: string) => void;
  /** Owner of the children; by default a new one of the data folder, disposed with the engines. */
  readonly supervisor?: Supervisor;
}

/** What tests do to an engine. Both throw for an engine that runs elsewhere. */
export interface EngineControl {
  /** Whether it runs elsewhere. */
  readonly external: boolean;
  /** Sends the signal, SIGKILL by default, and resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same data and ports; resolves when it serves. */
  start(): Promise<void>;
}

/** Running engines. Disposing stops those that were started here and keeps their data. */
export interface Engines extends AsyncDisposable {
  readonly supervisor: Supervisor;
  /** `url` is the superuser's, of the database `postgres`. */
  readonly postgres: EngineControl & { readonly url: string };
  readonly opensearch: EngineControl & { readonly url: string };
  /** `uiUrl` and `metricsUrl` are undefined for a server that runs elsewhere. */
  readonly temporal: EngineControl & {
    readonly address: string;
    readonly namespace: string;
    readonly uiUrl: string | undefined;
    readonly metricsUrl: string | undefined;
  };
}

/** Starts one engine and resolves when it serves; `onLine` hears what is being done. */
type Starter<T> = (onLine: (line: string) => void) => Promise<T>;

/** Each engine's start by itself, for a caller that shows their progress. */
export interface EngineStarters {
  readonly postgres: Starter<Engines["postgres"]>;
  readonly opensearch: Starter<Engines["opensearch"]>;
  readonly temporal: Starter<Engines["temporal"]>;
}

/**
 * Starts PostgreSQL, OpenSearch with k-NN and Temporal on loopback, at once, and resolves when all of them serve.
 * Obtains what the cache has not got, which takes minutes the first time.
 * @throws ToolError when the machine lacks a tool, StartError when an engine does not start; what did start is stopped.
 */
export async function startEngines(options: EnginesOptions): Promise<Engines> {
  const supervisor = options.supervisor ?? (await Supervisor.open(options.dataDir));
  const starters = engineStarters(options, supervisor);
  const log = (name: string) => (line: string) => options.log?.(`${name}: ${line}`);
  try {
    const [postgres, opensearch, temporal] = await Promise.all([
      starters.postgres(log("PostgreSQL")),
      starters.opensearch(log("OpenSearch")),
      starters.temporal(log("Temporal")),
    ]);
    return assembleEngines(supervisor, { postgres, opensearch, temporal });
  } catch (error) {
    await supervisor[Symbol.asyncDispose]();
    throw error;
  }
}

/** Engines whose disposal is that of their supervisor. */
export function assembleEngines(
  supervisor: Supervisor,
  parts: Pick<Engines, "postgres" | "opensearch" | "temporal">,
): Engines {
  return { ...parts, supervisor, [Symbol.asyncDispose]: () => supervisor[Symbol.asyncDispose]() };
}

/** How each engine is started under the supervisor; nothing happens before a starter is called. */
export function engineStarters(options: EnginesOptions, supervisor: Supervisor): EngineStarters {
  const external = options.external ?? readExternal();
  const context = { options, supervisor, cache: options.cacheDir ?? cacheDir() };
  return {
    postgres: (onLine) => startPostgres(context, external.postgresUrl, onLine),
    opensearch: (onLine) => startOpenSearch(context, external.opensearchUrl, onLine),
    temporal: (onLine) => startTemporal(context, external.temporalAddress, onLine),
  };
}

interface Context {
  readonly options: EnginesOptions;
  readonly supervisor: Supervisor;
  readonly cache: string;
}

async function startPostgres(
  { options, supervisor, cache }: Context,
  externalUrl: string | undefined,
  onLine: (line: string) => void,
): Promise<Engines["postgres"]> {
  if (externalUrl !== undefined) return { ...elsewhere("PostgreSQL"), url: externalUrl };
  const home = await obtainPostgres(cache);
  const { spec, url } = await preparePostgres(home, {
    ...places(options.dataDir, "postgres"),
    port: await claimPort("postgres", options.ports?.postgres),
    account: engineAccount(),
  });
  onLine("starting");
  return { ...(await run(supervisor, spec)), url };
}

async function startOpenSearch(
  { options, supervisor, cache }: Context,
  externalUrl: string | undefined,
  onLine: (line: string) => void,
): Promise<Engines["opensearch"]> {
  if (externalUrl !== undefined) return { ...elsewhere("OpenSearch"), url: externalUrl };
  const tools = { cache, onLine, signal: supervisor.closing };
  const java = await obtainJava(tools);
  const home = await obtainOpenSearch(java, tools);
  const port = await claimPort("opensearch", options.ports?.opensearch);
  const spec = prepareOpenSearch(home, {
    ...places(options.dataDir, "opensearch"),
    port,
    transportPort: await freePort(),
    account: engineAccount(),
    java,
  });
  onLine("starting");
  return { ...(await run(supervisor, spec)), url: `http://127.0.0.1:${port}` };
}

async function startTemporal(
  { options, supervisor, cache }: Context,
  externalAddress: string | undefined,
  onLine: (line: string) => void,
): Promise<Engines["temporal"]> {
  const namespace = options.temporalNamespace ?? "mneme";
  if (externalAddress !== undefined) {
    const nowhere = { uiUrl: undefined, metricsUrl: undefined };
    return { ...elsewhere("Temporal"), ...nowhere, address: externalAddress, namespace };
  }
  const program = await obtainTemporal({ cache, onLine, signal: supervisor.closing });
  const port = await claimPort("temporal", options.ports?.temporal);
  const uiPort = await claimPort("temporalUi", options.ports?.temporalUi);
  const metricsPort = await claimPort("temporalMetrics", options.ports?.temporalMetrics);
  const site = { ...places(options.dataDir, "temporal"), namespace, port, uiPort, metricsPort };
  const spec = temporalSpec(program, { ...site, httpPort: await freePort() });
  onLine("starting");
  return {
    ...(await run(supervisor, spec)),
    address: `127.0.0.1:${port}`,
    namespace,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
  };
}

async function run(supervisor: Supervisor, spec: ChildSpec): Promise<EngineControl> {
  const child: Child = supervisor.child(spec);
  await child.start();
  return {
    external: false,
    kill: async (signal = "SIGKILL") => await child.kill(signal),
    start: async () => await child.start(),
  };
}

function elsewhere(name: string): EngineControl {
  const refuse = async () => {
    throw new Error(`${name} runs elsewhere: it can be neither stopped nor started from here.`);
  };
  return { external: true, kill: refuse, start: refuse };
}

function places(dataDir: string, name: string): { readonly folder: string; readonly logFile: string } {
  return { folder: join(dataDir, name), logFile: join(dataDir, "logs", `${name}.log`) };
}
