import { join } from "node:path";
import type { ChildSpec } from "./child.ts";
import { type Ports, ROOT } from "./config.ts";
import { claimPort } from "./port.ts";
import { apiEnvironment, type Surroundings, workerEnvironment } from "./process-environment.ts";
import { type Control, runChild, type Supervisor } from "./supervise.ts";

const HOST = "127.0.0.1";

/** V8 grows its heap with the machine's memory; these hold little, and stay a third smaller with a bound. */
const HEAP = "--max-old-space-size=512";
/**
 * MiB of the young generation. Where it does not hold what the api's calls in progress hold, each call's garbage
 * is copied and kept; the worker has few calls, and a model's memory beside them.
 */
const SEMI_SPACE = { api: 32, worker: 8 } as const;

/** What Node is told when it runs one of them. */
export function nodeArguments(name: Name): string[] {
  return [HEAP, `--max-semi-space-size=${SEMI_SPACE[name]}`];
}

export interface ProcessesOptions extends Surroundings {
  readonly supervisor: Supervisor;
  /** Its `logs` folder takes the output. */
  readonly dataDir: string;
  /** 0 or absent picks a free one. */
  readonly ports?: Partial<Pick<Ports, "api" | "metrics" | "workerMetrics">>;
}

/** The running api and worker. Their supervisor stops them. */
export interface Processes {
  readonly api: Control & { readonly url: string; readonly metricsUrl: string };
  readonly worker: Control & { readonly metricsUrl: string };
}

type Name = "api" | "worker";
type Ready<T extends Name> = (onLine: (line: string) => void) => Promise<Processes[T]>;

/** Each process's start by itself, for a caller that shows their progress. */
export interface ProcessStarters {
  readonly api: Ready<"api">;
  readonly worker: Ready<"worker">;
}

/**
 * Starts api and worker as children and resolves when both say that they are ready.
 * @throws StartError when one does not start.
 */
export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const starters = processStarters(options);
  const quiet = () => {};
  const [api, worker] = await Promise.all([starters.api(quiet), starters.worker(quiet)]);
  return { api, worker };
}

/** How api and worker are started; nothing happens before a starter is called. */
export function processStarters(options: ProcessesOptions): ProcessStarters {
  return {
    api: async (onLine) => {
      const port = await claimPort("api", options.ports?.api);
      const metricsPort = await claimPort("metrics", options.ports?.metrics);
      onLine("starting");
      const env = apiEnvironment(options, HOST, port, metricsPort);
      const spec = processSpec("api", "services/api/main.ts", metricsPort, env, options);
      return {
        ...(await runChild(options.supervisor, spec)),
        url: `http://${HOST}:${port}`,
        metricsUrl: metricsUrl(metricsPort),
      };
    },
    worker: async (onLine) => {
      const metricsPort = await claimPort("workerMetrics", options.ports?.workerMetrics);
      onLine("starting");
      const env = workerEnvironment(options, metricsPort);
      const spec = processSpec("worker", "workflows/worker.ts", metricsPort, env, options);
      return { ...(await runChild(options.supervisor, spec)), metricsUrl: metricsUrl(metricsPort) };
    },
  };
}

function processSpec(
  name: Name,
  entry: string,
  metricsPort: number,
  env: NodeJS.ProcessEnv,
  options: ProcessesOptions,
): ChildSpec {
  const ready = `http://${HOST}:${metricsPort}/ready`;
  return {
    name,
    command: process.execPath,
    args: [...nodeArguments(name), join(ROOT, entry)],
    env,
    cwd: ROOT,
    logFile: join(options.dataDir, "logs", `${name}.log`),
    stopSignal: "SIGTERM",
    // Longer than the processes give their clients and activities to finish.
    stopMs: 30_000,
    ready: async (signal) => (await fetch(ready, { signal })).ok,
    readyMs: 180_000,
    showLog: "faults",
    standsBack: name === "worker",
  };
}

function metricsUrl(port: number): string {
  return `http://${HOST}:${port}/metrics`;
}
