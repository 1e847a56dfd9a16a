import {
  type DefaultRenderer,
  Listr,
  type ListrTask,
  type ListrTaskWrapper,
  type SimpleRenderer,
} from "listr2";
import type { LocalConfig } from "./config.ts";
import { obtainMiniLm } from "./engines/minilm.ts";
import { assembleEngines, type Engines, engineStarters, type Progress } from "./engines.ts";
import { checkPorts } from "./port.ts";
import { type Processes, processStarters } from "./processes.ts";
import { type PreparedRecord, prepareRecord } from "./record.ts";
import type { Supervisor } from "./supervise.ts";

/** Everything, running. Its supervisor stops it. */
export interface Stack {
  readonly engines: Engines;
  readonly processes: Processes;
  readonly record: PreparedRecord;
}

/** What the steps have made so far. */
interface Parts {
  postgres?: Engines["postgres"];
  opensearch?: Engines["opensearch"];
  temporal?: Engines["temporal"];
  record?: PreparedRecord;
  modelDir?: string;
  api?: Processes["api"];
  worker?: Processes["worker"];
}

type Step = ListrTask<Parts, typeof DefaultRenderer, typeof SimpleRenderer>;
type Display = Pick<
  ListrTaskWrapper<Parts, typeof DefaultRenderer, typeof SimpleRenderer>,
  "output" | "title" | "skip"
>;

/**
 * Obtains what is missing, starts engines, migrates, and starts api and worker, with a display of the progress.
 * @throws the first error of any step; the caller disposes the supervisor.
 */
export async function startStack(config: LocalConfig, supervisor: Supervisor): Promise<Stack> {
  await checkPorts(config.ports, config.external);
  const options = { concurrent: true } as const;
  const steps: Step[] = [
    { title: "Engines", task: (_, task) => task.newListr(engineSteps(config, supervisor), options) },
    {
      title: "Mneme",
      skip: () => supervisor.closing.aborted,
      task: (parts, task) => task.newListr(processSteps(config, supervisor, parts), options),
    },
  ];
  const display = new Listr<Parts>(steps, {
    // Signals are the caller's to handle.
    registerSignalListeners: false,
    rendererOptions: { collapseSubtasks: false, showErrorMessage: false },
  });
  const parts = await display.run({}).catch((shown: unknown) => {
    throw shown instanceof Error && shown.cause !== undefined ? shown.cause : shown;
  });
  supervisor.closing.throwIfAborted();
  const { postgres, opensearch, temporal } = parts;
  return {
    engines: assembleEngines(supervisor, {
      postgres: present(postgres),
      opensearch: present(opensearch),
      temporal: present(temporal),
    }),
    processes: { api: present(parts.api), worker: present(parts.worker) },
    record: present(parts.record),
  };
}

function engineSteps(config: LocalConfig, supervisor: Supervisor): Step[] {
  const starters = engineStarters(config, supervisor);
  const fetching = { cache: config.cacheDir, signal: supervisor.closing };
  return [
    step(supervisor, "PostgreSQL", async (parts, task) => {
      const { onLine } = progress(task);
      parts.postgres = await starters.postgres(progress(task));
      onLine("migrating");
      parts.record = await prepareRecord(parts.postgres.url, config.dataDir, config.external.databaseTls);
    }),
    step(supervisor, "OpenSearch with k-NN", async (parts, task) => {
      parts.opensearch = await starters.opensearch(progress(task));
    }),
    step(supervisor, "Temporal", async (parts, task) => {
      parts.temporal = await starters.temporal(progress(task));
    }),
    step(supervisor, "MiniLM", async (parts, task) => {
      parts.modelDir = await obtainMiniLm({ ...fetching, ...progress(task) });
    }),
  ];
}

function processSteps(config: LocalConfig, supervisor: Supervisor, parts: Parts): Step[] {
  const record = present(parts.record);
  const starters = processStarters({
    supervisor,
    dataDir: config.dataDir,
    ports: config.ports,
    databaseUrls: record.urls,
    masterKeyFile: record.masterKeyFile,
    opensearchUrl: present(parts.opensearch).url,
    temporalAddress: present(parts.temporal).address,
    temporalNamespace: present(parts.temporal).namespace,
    modelDir: present(parts.modelDir),
  });
  return [
    step(supervisor, "api", async (_, task) => {
      parts.api = await starters.api(progress(task).onLine);
    }),
    step(supervisor, "worker", async (_, task) => {
      parts.worker = await starters.worker(progress(task).onLine);
    }),
  ];
}

/**
 * The display repeats a failed step's message at every level: it gets the first line, the caller the error. A step that
 * ends because everything is being stopped is no failure of its own.
 */
function step(
  { closing }: Supervisor,
  title: string,
  run: (parts: Parts, display: Display) => Promise<void>,
): Step {
  return {
    title,
    task: async (parts, display) => {
      await run(parts, display).catch(async (cause: unknown) => {
        if (closing.aborted) return display.skip();
        const [first] = (cause instanceof Error ? cause.message : String(cause)).split("\n");
        throw new Error(first, { cause });
      });
    },
  };
}

/** On a terminal a line takes the place of the last one; elsewhere each stays, so it says whose it is, and tools' own are left out. */
function progress(display: Display): Progress {
  const show = (line: string) => {
    display.output = process.stdout.isTTY ? line : `${display.title}: ${line}`;
  };
  return process.stdout.isTTY ? { onLine: show, onDetail: show } : { onLine: show };
}

function present<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("a step ended without its part");
  return part;
}
