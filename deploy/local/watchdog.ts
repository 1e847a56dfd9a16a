import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("./watchdog.sh", import.meta.url));

export type StopSignal = "SIGINT" | "SIGTERM";

/**
 * A small shell beside this process that stops the listed process groups when this process ends in any way,
 * kill -9 included: the operating system closes its pipe, and that is the message. Holds no event loop open.
 */
export class Watchdog {
  #shell: ChildProcess | undefined;
  readonly #listed = new Map<number, StopSignal>();

  /** Lists a process that leads its own group, with the signal that asks it to stop. */
  add(pid: number, signal: StopSignal): void {
    this.#listed.set(pid, signal);
    if (this.#shell === undefined) this.#start();
    else this.#write(`add ${pid} ${signal.slice(3)}\n`);
  }

  /** Takes a process off the list: it has ended, and its number may be given to another. */
  drop(pid: number): void {
    if (this.#listed.delete(pid)) this.#write(`drop ${pid}\n`);
  }

  #start(): void {
    // Its own group: the terminal's Ctrl-C must not reach it.
    const shell = spawn("sh", [SCRIPT], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
    shell.stdin.on("error", () => {});
    shell.on("error", () => {});
    shell.on("exit", () => this.#restart(shell));
    shell.unref();
    (shell.stdin as { unref?: () => void }).unref?.();
    this.#shell = shell;
    for (const [pid, signal] of this.#listed) this.#write(`add ${pid} ${signal.slice(3)}\n`);
  }

  #restart(ended: ChildProcess): void {
    if (this.#shell !== ended) return;
    this.#shell = undefined;
    if (this.#listed.size > 0) this.#start();
  }

  #write(line: string): void {
    this.#shell?.stdin?.write(line);
  }
}
