import { lstatSync, realpathSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { LocalConfig } from "./config.ts";
import { writeSecret } from "./record.ts";
import type { Stack } from "./stack.ts";

/** What the command line and the demo read to find a running stack: `run.json` in the data folder. */
export interface RunFile {
  /** Where the API answers. */
  readonly url: string;
  /** The development tenant's key. */
  readonly key: string;
  /** A key of the operator, for `mneme admin`. */
  readonly operatorApiKey: string;
  readonly tenantId: string;
  readonly projectId: string;
  readonly temporalUiUrl: string | undefined;
  /** The process whose end stops the stack. */
  readonly pid: number;
}

/** Only its owner can read the file: it holds a key. */
export function writeRunFile(dataDir: string, stack: Stack): void {
  const { tenant } = stack.record;
  const contents: RunFile = {
    url: stack.processes.api.url,
    key: tenant.apiKey,
    operatorApiKey: stack.record.operatorApiKey,
    tenantId: tenant.tenantId,
    projectId: tenant.projectId,
    temporalUiUrl: stack.engines.temporal.uiUrl,
    pid: process.pid,
  };
  writeSecret(join(dataDir, "run.json"), `${JSON.stringify(contents, undefined, 2)}\n`);
}

/**
 * Where a superuser reaches the record, password and all, for `psql`: readable by its owner alone. The URL of a
 * PostgreSQL that runs elsewhere is its owner's to keep.
 */
export function writePostgresUrl(dataDir: string, { engines: { postgres } }: Stack): void {
  if (!postgres.external) writeSecret(postgresUrlFile(dataDir), recordUrl(postgres.url));
}

/** A stack that stops takes its files along, so that nobody looks for it there. */
export function removeRunFiles(dataDir: string): void {
  for (const file of [join(dataDir, "run.json"), postgresUrlFile(dataDir)]) rmSync(file, { force: true });
}

function postgresUrlFile(dataDir: string): string {
  return join(dataDir, "secrets", "postgres-url");
}

function recordUrl(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.pathname = "/mneme";
  return url.href;
}

/** Where everything is, and what to try next. */
export function summary(config: LocalConfig, stack: Stack, tookMs: number): string {
  const { engines, processes, record } = stack;
  const rows: [string, string][] = [
    ["API", `${processes.api.url}  (Connect, gRPC, gRPC-web)`],
    ...optional("", tlsUrl(), "(the same over TLS)"),
    ["REST", `${processes.api.url}/mneme.search.v1.SearchService/Search  (JSON by POST, and so every RPC)`],
    ["Temporal UI", engines.temporal.uiUrl ?? `of the server at ${engines.temporal.address}`],
    ["Metrics", `${processes.api.metricsUrl}  (api)`],
    ["", `${processes.worker.metricsUrl}  (worker)`],
    ...optional("", engines.temporal.metricsUrl, "(Temporal)"),
    ["OpenSearch", withoutPassword(engines.opensearch.url)],
    ...postgresRows(config.dataDir, engines.postgres),
    ["Data", config.dataDir],
    ...optional("", movedTo(config.dataDir), "(where PostgreSQL and OpenSearch may reach theirs)"),
    ["Logs", join(config.dataDir, "logs")],
    ["Key", record.tenant.apiKey],
    ...newKeyRows(record.isKeyNew),
  ];
  const table = rows.map(([name, value]) => `  ${name.padEnd(13)}${value}`).join("\n");
  return `\nMneme is up after ${(tookMs / 1000).toFixed(1)} s.\n\n${table}\n\nNext: npm run demo   (Ctrl-C here stops everything)`;
}

function newKeyRows(isKeyNew: boolean): [string, string][] {
  return isKeyNew ? [["", "(new: the one of before works no more, or not for the whole tenant)"]] : [];
}

/** The line of `psql` can be pasted as it is. */
function postgresRows(dataDir: string, { url, external }: Stack["engines"]["postgres"]): [string, string][] {
  const shown: [string, string] = ["PostgreSQL", withoutPassword(recordUrl(url))];
  return external ? [shown] : [shown, ["", `psql "$(cat ${quoted(postgresUrlFile(dataDir))})"`]];
}

/** A path as one word of a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function optional(name: string, value: string | undefined, note: string): [string, string][] {
  return value === undefined ? [] : [[name, `${value}  ${note}`]];
}

/** Where the engines' data is when their account cannot reach the data folder. */
function movedTo(dataDir: string): string | undefined {
  const folder = join(dataDir, "postgres");
  const isLink = lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  return isLink ? dirname(realpathSync(folder)) : undefined;
}

function tlsUrl(): string | undefined {
  const port = process.env.MNEME_API_TLS_PORT;
  return port ? `https://127.0.0.1:${port}` : undefined;
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = "";
  return shown.href;
}
