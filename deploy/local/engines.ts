import { join } from "node:path";
import { engineAccount } from "./account.ts";
import { cacheDir } from "./cache.ts";
import { type ExternalEngines, type Ports, readExternal } from "./config.ts";
import { elsewhere } from "./elsewhere.ts";
import { obtainJava } from "./engines/jdk.ts";
import { obtainOpenSearch, prepareOpenSearch } from "./engines/opensearch.ts";
import { obtainPostgres, preparePostgres } from "./engines/postgres.ts";
import { obtainTemporal, temporalSpec } from "./engines/temporal.ts";
import { claimPort, freePort } from "./port.ts";
import { type Control, runChild, Supervisor } from "./supervise.ts";

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
  /** What OpenSearch's Java is told besides, e.g. `-XX:TieredStopAtLevel=1`. */
  readonly opensearchJava?: readonly string[];
  /** Hears what is being done, a line at a time. */
  readonly log?: (line: string) => void;
  /** Owner of the children; by default a new one of the data folder, disposed with the engines. */
  readonly supervisor?: Supervisor;
}

/** Running engines. Disposing stops those that were started here and keeps their data. */
export interface Engines extends AsyncDisposable {
  readonly supervisor: Supervisor;
  /** `url` is the superuser's, of the database `postgres`. */
  readonly postgres: Control & { readonly url: string };
  readonly opensearch: Control & { readonly url: string };
  /** `uiUrl` and `metricsUrl` are undefined for a server that runs elsewhere. */
  readonly temporal: Control & {
    readonly address: string;
    readonly namespace: string;
    readonly uiUrl: string | undefined;
    readonly metricsUrl: string | undefined;
  };
}

/** What hears of a start: every line of ours, and every line of the tools that are run for it. */
export interface Progress {
  readonly onLine: (line: string) => void;
  readonly onDetail?: (line: string) => void;
}

/** Starts one engine and resolves when it serves. */
type Starter<T> = (progress: Progress) => Promise<T>;

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
  const log = (name: string) => ({ onLine: (line: string) => options.log?.(`${name}: ${line}`) });
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
    postgres: (progress) => startPostgres(context, external, progress),
    opensearch: (progress) => startOpenSearch(context, external, progress),
    temporal: (progress) => startTemporal(context, external, progress),
  };
}

interface Context {
  readonly options: EnginesOptions;
  readonly supervisor: Supervisor;
  readonly cache: string;
}

async function startPostgres(
  { options, supervisor, cache }: Context,
  external: ExternalEngines,
  progress: Progress,
): Promise<Engines["postgres"]> {
  const { postgresUrl } = external;
  if (postgresUrl !== undefined) return { ...(await elsewhere("PostgreSQL", external)), url: postgresUrl };
  const home = await obtainPostgres(cache);
  const { spec, url } = await preparePostgres(home, {
    ...places(options.dataDir, "postgres"),
    port: await claimPort("postgres", options.ports?.postgres),
    account: engineAccount(),
  });
  progress.onLine("starting");
  return { ...(await runChild(supervisor, spec)), url };
}

async function startOpenSearch(
  { options, supervisor, cache }: Context,
  external: ExternalEngines,
  progress: Progress,
): Promise<Engines["opensearch"]> {
  const { opensearchUrl } = external;
  if (opensearchUrl !== undefined)
    return { ...(await elsewhere("OpenSearch", external)), url: opensearchUrl };
  const tools = { cache, ...progress, signal: supervisor.closing };
  const java = await obtainJava(tools);
  const home = await obtainOpenSearch(java, tools);
  const port = await claimPort("opensearch", options.ports?.opensearch);
  const spec = await prepareOpenSearch(home, {
    ...places(options.dataDir, "opensearch"),
    port,
    transportPort: await freePort(),
    account: engineAccount(),
    java,
    javaOptions: options.opensearchJava ?? [],
  });
  progress.onLine("starting");
  return { ...(await runChild(supervisor, spec)), url: `http://127.0.0.1:${port}` };
}

async function startTemporal(
  { options, supervisor, cache }: Context,
  external: ExternalEngines,
  progress: Progress,
): Promise<Engines["temporal"]> {
  const { temporalAddress } = external;
  const namespace = options.temporalNamespace ?? "mneme";
  if (temporalAddress !== undefined) {
    const control = await elsewhere("Temporal", external);
    await requireNamespace({ ...external, temporalAddress }, namespace);
    return {
      ...control,
      uiUrl: undefined,
      metricsUrl: undefined,
      address: temporalAddress,
      namespace,
    };
  }
  const program = await obtainTemporal({ cache, ...progress, signal: supervisor.closing });
  const port = await claimPort("temporal", options.ports?.temporal);
  const uiPort = await claimPort("temporalUi", options.ports?.temporalUi);
  const metricsPort = await claimPort("temporalMetrics", options.ports?.temporalMetrics);
  const site = { ...places(options.dataDir, "temporal"), namespace, port, uiPort, metricsPort };
  const spec = temporalSpec(program, { ...site, httpPort: await freePort() });
  progress.onLine("starting");
  return {
    ...(await runChild(supervisor, spec)),
    address: `127.0.0.1:${port}`,
    namespace,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
  };
}

/** Temporal makes none by itself, and a worker would wait for it. */
async function requireNamespace(
  external: ExternalEngines & { readonly temporalAddress: string },
  namespace: string,
): Promise<void> {
  // Loaded where it is needed: few run Temporal elsewhere, and it takes a moment.
  const { hasNamespace } = await import("./engines/temporal-namespace.ts");
  if (await hasNamespace(external, namespace)) return;
  throw new Error(
    `Temporal at ${external.temporalAddress} has no namespace "${namespace}": create it (temporal operator namespace create ` +
      `--namespace ${namespace}), or name another one in MNEME_TEMPORAL_NAMESPACE.`,
  );
}

function places(dataDir: string, name: string): { readonly folder: string; readonly logFile: string } {
  return { folder: join(dataDir, name), logFile: join(dataDir, "logs", `${name}.log`) };
}
