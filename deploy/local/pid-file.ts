import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { lock } from "proper-lockfile";
import type { StopSignal } from "./watchdog.ts";

/** A process named so that a number given again to another process is not mistaken for it. */
interface ProcessMark {
  readonly name: string;
  readonly pid: number;
  /** When it started, as the system writes it. */
  readonly since: string;
  /** The signal that asks it to stop. */
  readonly signal: StopSignal;
}

interface Contents {
  readonly supervisor: ProcessMark;
  readonly children: readonly ProcessMark[];
}

/** Which processes serve a data folder, on disk, so that the next start can end what an earlier one left. */
export class PidFile {
  readonly #path: string;
  readonly #supervisor: ProcessMark;
  readonly #children = new Map<number, ProcessMark>();

  private constructor(path: string, supervisor: ProcessMark) {
    this.#path = path;
    this.#supervisor = supervisor;
  }

  /** @throws Error when the folder's supervisor is alive. */
  static async take(dataDir: string): Promise<PidFile> {
    const path = join(dataDir, "processes.json");
    const unlock = await lock(dataDir, { retries: { retries: 60, minTimeout: 250, maxTimeout: 500 } });
    try {
      const earlier = read(path);
      if (earlier !== undefined && isAlive(earlier.supervisor)) {
        throw new Error(
          `A stack already runs on ${dataDir} (process ${earlier.supervisor.pid}); stop it or use another data folder.`,
        );
      }
      if (earlier !== undefined) await endLeftovers(earlier.children);
      const file = new PidFile(path, mark("supervisor", process.pid, "SIGTERM"));
      file.#write();
      return file;
    } finally {
      await unlock();
    }
  }

  add(name: string, pid: number, signal: StopSignal): void {
    this.#children.set(pid, mark(name, pid, signal));
    this.#write();
  }

  drop(pid: number): void {
    if (this.#children.delete(pid)) this.#write();
  }

  release(): void {
    rmSync(this.#path, { force: true });
  }

  #write(): void {
    const contents: Contents = { supervisor: this.#supervisor, children: [...this.#children.values()] };
    writeFileSync(`${this.#path}.new`, JSON.stringify(contents), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}

/** When the process started; "" when there is none of that number, or only its unread exit code. */
export function startedAt(pid: number): string {
  return existsSync("/proc/self/stat") ? startedAtLinux(pid) : startedAtByPs(pid);
}

function startedAtLinux(pid: number): string {
  try {
    // proc(5): fields after the command, which stands in brackets and may hold anything; state is the first, start time the twentieth.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

function startedAtByPs(pid: number): string {
  try {
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "";
  }
}

function mark(name: string, pid: number, signal: StopSignal): ProcessMark {
  return { name, pid, since: startedAt(pid), signal };
}

function isAlive(process: ProcessMark): boolean {
  return process.since !== "" && startedAt(process.pid) === process.since;
}

function read(path: string): Contents | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Contents;
  } catch {
    // None, or cut off while it was written: then there is nothing that can be trusted.
    return undefined;
  }
}

async function endLeftovers(children: readonly ProcessMark[]): Promise<void> {
  const left = children.filter(isAlive);
  for (const child of left) signal(child.pid, child.signal);
  const deadline = Date.now() + 10_000;
  while (left.some(isAlive) && Date.now() < deadline) await pause(100);
  for (const child of left.filter(isAlive)) signal(-child.pid, "SIGKILL");
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the meantime.
  }
}
