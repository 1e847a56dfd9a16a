import { randomBytes } from "node:crypto";
import { type Processes, processStarters, startProcesses } from "@mneme/local/processes.ts";
import type { Supervisor } from "@mneme/local/supervise.ts";
import type { Provisioned } from "@mneme/postgres/provision.ts";
import { openTestRecord, type TestRecord } from "@mneme/postgres/testing/record.ts";

export type StackSettings =
  | Readonly<Record<string, string>>
  | ((record: TestRecord) => Readonly<Record<string, string>>);

export interface TestStackOptions {
  readonly supervisor: Supervisor;
  /** Its `logs` folder takes the output. */
  readonly dataDir: string;
  /** A superuser's; MNEME_POSTGRES_URL by default. */
  readonly postgresUrl?: string;
  readonly opensearchUrl: string;
  readonly temporalAddress: string;
  readonly temporalNamespace: string;
  readonly modelDir: string;
  /** Settings of both processes, which may depend on their record. */
  readonly env?: StackSettings;
}

/** An api and a worker of their own on shared engines: own databases, task queue and index pool. */
export interface TestStack extends AsyncDisposable {
  /** Of its task queue and its index pool. */
  readonly name: string;
  readonly record: TestRecord;
  readonly processes: Processes;
  readonly tenant: Provisioned;
  /** Starts one more api on the same record; it ends with the stack. */
  startApi(): Promise<Processes["api"]>;
}

/** Starts a stack on engines that run already. */
export async function startTestStack(options: TestStackOptions): Promise<TestStack> {
  const name = `t${randomBytes(4).toString("hex")}`;
  const record = await openTestRecord(name, options.postgresUrl);
  const own = typeof options.env === "function" ? options.env(record) : options.env;
  const surroundings = {
    ...options,
    databaseUrls: record.urls,
    masterKeyFile: record.masterKeyFile,
    env: { MNEME_TASK_QUEUE: name, MNEME_INDEX_POOL: name, ...own },
  };
  const processes = await startProcesses(surroundings);
  const more: Processes["api"][] = [];
  return {
    name,
    record,
    processes,
    tenant: record.tenant,
    async startApi() {
      const api = await processStarters(surroundings).api(() => {});
      more.push(api);
      return api;
    },
    async [Symbol.asyncDispose]() {
      const started = [processes.api, processes.worker, ...more];
      await Promise.all(started.map((process) => process.kill("SIGTERM")));
      await record[Symbol.asyncDispose]();
    },
  };
}
