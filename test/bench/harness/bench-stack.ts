import { join } from "node:path";
import { cacheDir } from "@mneme/local/cache.ts";
import { ROOT } from "@mneme/local/config.ts";
import { obtainMiniLm } from "@mneme/local/engines/minilm.ts";
import { type Engines, startEngines } from "@mneme/local/engines.ts";
import type { Surroundings } from "@mneme/local/process-environment.ts";
import { type Processes, startProcesses } from "@mneme/local/processes.ts";
import { type PreparedRecord, prepareRecord } from "@mneme/local/record.ts";

/** A whole stack of its own for benches; its data stays, so that a large set is loaded once. */
export interface BenchStack extends AsyncDisposable {
  readonly engines: Engines;
  readonly processes: Processes;
  /** What api and worker were told. */
  readonly surroundings: Surroundings;
  readonly record: PreparedRecord;
  readonly modelDir: string;
  readonly dataDir: string;
}

/** @param env settings of api and worker. */
export async function startBenchStack(env: Readonly<Record<string, string>> = {}): Promise<BenchStack> {
  const dataDir = join(ROOT, ".mneme-bench");
  const modelDir = await obtainMiniLm({ cache: cacheDir(), onLine: console.error });
  const engines = await startEngines({ dataDir, ports: {}, log: console.error });
  try {
    const record = await prepareRecord(engines.postgres.url, dataDir);
    const surroundings = {
      databaseUrls: record.urls,
      masterKeyFile: record.masterKeyFile,
      opensearchUrl: engines.opensearch.url,
      temporalAddress: engines.temporal.address,
      temporalNamespace: engines.temporal.namespace,
      modelDir,
      env,
    };
    const processes = await startProcesses({ ...surroundings, supervisor: engines.supervisor, dataDir });
    const dispose = () => engines[Symbol.asyncDispose]();
    return { engines, processes, surroundings, record, modelDir, dataDir, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await engines[Symbol.asyncDispose]();
    throw error;
  }
}
