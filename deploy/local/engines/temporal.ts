import { mkdirSync, renameSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache.ts";
import type { ChildSpec } from "../child.ts";
import { type Fetching, findTool, runTool, ToolError } from "../tool.ts";

const MODULE = "github.com/temporalio/cli/cmd/temporal";
const VERSION = "v1.5.1";
/** How long a closed workflow's history is kept. */
const RETENTION = "72h";

export interface TemporalSite {
  /** The folder with the server's database. */
  readonly folder: string;
  readonly logFile: string;
  readonly namespace: string;
  readonly port: number;
  readonly httpPort: number;
  readonly uiPort: number;
  readonly metricsPort: number;
}

/**
 * The `temporal` program: the one on PATH when its server is 1.29 or newer, else built from the Go module (whose sums
 * the Go checksum database vouches for) into the cache, which takes minutes.
 */
export async function obtainTemporal({ cache, onLine, onDetail, signal }: Fetching): Promise<string> {
  const onPath = findTool("temporal");
  if (onPath !== undefined && (await isGood(onPath))) return onPath;
  const folder = await cached(
    cache,
    `temporal/${VERSION.slice(1)}-${process.platform}-${process.arch}`,
    async (fresh) => {
      const go = findTool("go");
      if (go === undefined) {
        throw new ToolError(
          "Go is missing, which builds Temporal's server: install it (Debian: apt-get install golang; macOS: brew install go), put a temporal program of version 1.5 or newer on PATH, or set MNEME_TEMPORAL_ADDRESS to a server.",
        );
      }
      const bin = await mkdtemp(`${fresh}-bin-`);
      try {
        onLine("compiling, a few minutes the first time");
        const env = { ...process.env, GOBIN: bin, GOFLAGS: "-trimpath", CGO_ENABLED: "0" };
        await runTool(go, ["install", `${MODULE}@${VERSION}`], {
          timeoutMs: 1_800_000,
          cwd: bin,
          env,
          onDetail,
          signal,
        });
        renameSync(join(bin, "temporal"), join(fresh, "temporal"));
      } finally {
        await rm(bin, { recursive: true, force: true });
      }
    },
  );
  return join(folder, "temporal");
}

async function isGood(program: string): Promise<boolean> {
  const text = await runTool(program, ["--version"], { timeoutMs: 20_000 }).catch(() => "");
  return serverIsGood(text);
}

/** Whether `temporal --version` tells of a server that this was tested with, or a newer one of the same series. */
export function serverIsGood(version: string): boolean {
  const [, major, minor] = /Server (\d+)\.(\d+)\./.exec(version) ?? [];
  return major === "1" && Number(minor) >= 29;
}

/** How to start the development server on its database file. */
export function temporalSpec(program: string, site: TemporalSite): ChildSpec {
  mkdirSync(site.folder, { recursive: true, mode: 0o700 });
  const api = `http://127.0.0.1:${site.httpPort}/api/v1/namespaces/${site.namespace}`;
  const flags = {
    ip: "127.0.0.1",
    port: site.port,
    "http-port": site.httpPort,
    "ui-port": site.uiPort,
    "metrics-port": site.metricsPort,
    "db-filename": join(site.folder, "temporal.db"),
    namespace: site.namespace,
    "log-level": "warn",
    "log-format": "json",
  };
  const dynamic = [
    // Tasks of different tenants take turns, by the fairness key that the relay gives.
    "matching.enableFairness=true",
    // How far clocks of several hosts may differ, which each timer waits for on top: here there is one clock.
    'history.timerProcessorMaxTimeShift="20ms"',
  ];
  return {
    name: "Temporal",
    command: program,
    args: [
      "server",
      "start-dev",
      ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
      ...dynamic.map((value) => `--dynamic-config-value=${value}`),
    ],
    env: { PATH: process.env.PATH, HOME: site.folder },
    cwd: site.folder,
    logFile: site.logFile,
    stopSignal: "SIGTERM",
    stopMs: 15_000,
    ready: async (signal) => await serves(api, signal),
    readyMs: 120_000,
    showLog: "all",
    standsBack: true,
  };
}

/** True once the namespace answers and keeps closed histories as long as they should be kept. */
async function serves(api: string, signal: AbortSignal): Promise<boolean> {
  const response = await fetch(api, { signal });
  if (!response.ok) return false;
  const update = await fetch(`${api}/update`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      config: { workflowExecutionRetentionTtl: `${Number.parseInt(RETENTION, 10) * 3600}s` },
    }),
    signal,
  });
  return update.ok;
}
