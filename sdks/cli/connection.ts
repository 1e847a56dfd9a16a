import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Mneme, UnauthenticatedError } from "@mneme/sdk";
import { UsageError } from "./failure.ts";
import { decodeUtf8 } from "./input/utf8.ts";
import type { Terminal } from "./terminal.ts";

/** The options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly key?: string;
  readonly keyFile?: string;
  /** A project's id. */
  readonly project?: string;
  readonly json?: boolean;
  /** Seconds. */
  readonly timeout?: number;
}

/** Where the server is and what opens it. */
export interface Address {
  readonly url: string;
  readonly key: string | undefined;
  /** Where the URL comes from, for people. */
  readonly from: string;
}

/** Whose key a command needs: a tenant's, or that of who runs the deployment. */
export type KeyHolder = "tenant" | "operator";

const VARIABLES: Readonly<Record<KeyHolder, string>> = {
  tenant: "MNEME_API_KEY",
  operator: "MNEME_OPERATOR_KEY",
};

const DEFAULT_URL = "http://127.0.0.1:7400";

/**
 * Finds the server: options, then environment, then the `run.json` of a stack that was started with this MNEME_DATA_DIR,
 * or in this folder or one above. A key in that file is only ever sent to the URL in that file.
 */
export function findAddress(
  options: GlobalOptions,
  { env, cwd }: Pick<Terminal, "env" | "cwd">,
  holder: KeyHolder = "tenant",
): Address {
  const key =
    options.key ??
    (options.keyFile ? readKey(resolve(cwd, options.keyFile)) : env[VARIABLES[holder]] || undefined);
  const local =
    (env.MNEME_DATA_DIR && readRunFile(resolve(cwd, env.MNEME_DATA_DIR, "run.json"))) || findRunFile(cwd);
  const set = options.url ?? (env.MNEME_URL || undefined);
  const url = set ?? local?.url ?? DEFAULT_URL;
  const from = options.url ? "--url" : set ? "MNEME_URL" : (local?.path ?? "default");
  const sameServer = local !== undefined && trimmed(local.url) === trimmed(url);
  return { url, key: key ?? (sameServer ? local.keys[holder] : undefined), from };
}

/** A client for what the options say. @throws UnauthenticatedError where the operator's key is needed and not found. */
export function connect(options: GlobalOptions, terminal: Terminal, holder: KeyHolder = "tenant"): Mneme {
  const { key } = findAddress(options, terminal, holder);
  if (holder === "tenant") return connectWith(key, options, terminal, projectOf(options, terminal));
  if (key !== undefined) return connectWith(key, options, terminal);
  throw new UnauthenticatedError(
    "this needs the operator's key: set MNEME_OPERATOR_KEY, or pass --key-file ('npm start' keeps one in its run.json)",
  );
}

/** A client with this key for the server of the options. */
export function connectWith(
  apiKey: string | undefined,
  options: GlobalOptions,
  terminal: Terminal,
  project?: string,
): Mneme {
  return new Mneme({
    url: findAddress(options, terminal).url,
    apiKey,
    project,
    ...(options.timeout === undefined ? {} : { timeoutMs: options.timeout * 1000 }),
  });
}

function projectOf({ project }: GlobalOptions, { env }: Pick<Terminal, "env">): string | undefined {
  return project ?? (env.MNEME_PROJECT || undefined);
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, "");
}

function readKey(path: string): string {
  const key = decodeUtf8(readKeyFile(path), "the file given to --key-file").trim();
  if (key === "") throw new UsageError("the file given to --key-file is empty; it must hold the API key");
  return key;
}

function readKeyFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new UsageError("the file given to --key-file cannot be read", { cause });
  }
}

interface RunFile {
  readonly path: string;
  readonly url: string;
  readonly keys: Readonly<Record<KeyHolder, string | undefined>>;
}

function findRunFile(from: string): RunFile | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const found = readRunFile(join(folder, ".mneme", "run.json"));
    if (found !== undefined || dirname(folder) === folder) return found;
  }
}

/** Undefined where there is none, or one that is just being written. */
function readRunFile(path: string): RunFile | undefined {
  try {
    const { url, key, operatorApiKey } = JSON.parse(readFileSync(path, "utf8"));
    if (typeof url !== "string") return undefined;
    return { path, url, keys: { tenant: textOf(key), operator: textOf(operatorApiKey) } };
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
