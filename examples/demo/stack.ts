import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Address, findAddress } from "@mneme/cli/connection.ts";
import { Mneme } from "@mneme/sdk";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LOOK_EVERY_MS = 500;
const PROBE_MS = 2_000;

/** A server to play to; disposing stops it if it was started here. */
export interface Stack extends AsyncDisposable {
  readonly mneme: Mneme;
  readonly url: string;
  readonly startedHere: boolean;
}

/**
 * Connects to the server that the environment or a started stack names, or starts a stack.
 * @throws Error when a named server does not answer, or the stack cannot be started.
 */
export async function connectOrStart(say: (text: string) => void, signal: AbortSignal): Promise<Stack> {
  const address = lookUp();
  const running = await open(address, signal);
  if (running !== undefined) return stackOf(running, address.url, undefined);
  if (process.env.MNEME_URL) throw new Error(`Nothing answers at MNEME_URL (${address.url}).`);
  say("No stack is running: starting one. (The first start fetches the engines and takes some minutes.)");
  const child = start();
  try {
    const started = await untilServing(child, signal);
    return stackOf(started.mneme, started.url, child);
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function lookUp(): Address {
  return findAddress({}, { env: process.env, cwd: ROOT });
}

/** A client of the address if it serves; undefined otherwise. */
async function open({ url, key }: Address, signal: AbortSignal): Promise<Mneme | undefined> {
  const mneme = new Mneme({ url, apiKey: key, timeoutMs: 60_000 });
  try {
    if ((await mneme.status({ timeoutMs: PROBE_MS, retries: 0, signal })).serving) return mneme;
  } catch {
    signal.throwIfAborted();
  }
  mneme.close();
  return undefined;
}

function start(): ChildProcess {
  // Its words go to standard error: standard output belongs to the demo. The channel tells it when the demo is gone.
  return spawn(process.execPath, [join(ROOT, "deploy", "local", "start.ts")], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2, "ipc"],
  });
}

async function untilServing(
  child: ChildProcess,
  signal: AbortSignal,
): Promise<{ mneme: Mneme; url: string }> {
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error("The stack could not be started; what it says stands above.");
    }
    const address = lookUp();
    // Its api serves before it has told where it is, and with which key.
    const mneme = address.from === "default" ? undefined : await open(address, signal);
    if (mneme !== undefined) return { mneme, url: address.url };
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

function stackOf(mneme: Mneme, url: string, child: ChildProcess | undefined): Stack {
  return {
    mneme,
    url,
    startedHere: child !== undefined,
    async [Symbol.asyncDispose]() {
      mneme.close();
      if (child !== undefined) await stop(child);
    },
  };
}

/** The stack stops its children itself, with deadlines of its own. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
