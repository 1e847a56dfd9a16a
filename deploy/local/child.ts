import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, renameSync } from "node:fs";
import { constants, getPriority, setPriority } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { type Death, StartError } from "./death.ts";
import { faultsIn, logTail } from "./log-tail.ts";
import type { StopSignal } from "./watchdog.ts";

/** How one child is started, known to be ready, and stopped. */
export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment of the child. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Where its output goes; what an earlier start left there is kept as `<logFile>.1`. */
  readonly logFile: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** The signal that asks it to stop. */
  readonly stopSignal: StopSignal;
  /** How long it may take to stop before it is killed, in milliseconds. */
  readonly stopMs: number;
  /** Answers true once the child does its work; called again until then, with a deadline of its own. */
  readonly ready: (signal: AbortSignal) => Promise<boolean>;
  /** How long it may take to become ready, in milliseconds. */
  readonly readyMs: number;
  /** What of its log is shown when it ends unasked: an engine's last lines, of a service's those that tell of a fault. */
  readonly showLog: "all" | "faults";
  /** True for one whose work nobody waits for: it leaves a busy machine to those who answer calls. */
  readonly standsBack?: boolean;
  /** True for an early exit that another attempt cures, judged by the end of the log. */
  readonly retry?: (logTail: string) => boolean;
}

/** Who keeps the books of a child. */
export interface ChildOwner {
  /** Aborted once no child may be started any more. */
  readonly closing: AbortSignal;
  started(spec: ChildSpec, pid: number): void;
  ended(pid: number): void;
  died(death: Death, child: Child): void;
}

/**
 * One child in a process group of its own. `start` resolves once it is ready; `kill` sends any signal and resolves when
 * the process is gone, which does not count as a death; `stop` asks, waits, then kills.
 */
export class Child {
  readonly spec: ChildSpec;
  readonly #owner: ChildOwner;
  #process: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #expected = false;

  constructor(spec: ChildSpec, owner: ChildOwner) {
    this.spec = spec;
    this.#owner = owner;
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async start(): Promise<void> {
    if (this.running) throw new StartError(`${this.spec.name} already runs`);
    const deadline = Date.now() + this.spec.readyMs;
    keepOldLog(this.spec.logFile);
    for (;;) {
      const how = await this.#attempt(deadline);
      if (how === undefined) return;
      const tail = await logTail(this.spec.logFile);
      if (!this.spec.retry?.(tail) || Date.now() > deadline) {
        throw StartError.of(await this.#death(how, false));
      }
      await pause(250);
    }
  }

  /** Sends the signal and waits until the process is gone. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#expected = true;
    this.#process?.kill(signal);
    await this.#exited;
  }

  /** Asks the child to stop; after its time is up, kills its whole group. */
  async stop(): Promise<void> {
    const child = this.#process;
    if (child?.pid === undefined) return;
    this.#expected = true;
    child.kill(this.spec.stopSignal);
    const timer = setTimeout(() => killGroup(child.pid), this.spec.stopMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** Undefined when ready; otherwise why not, in a few words. */
  async #attempt(deadline: number): Promise<string | undefined> {
    this.#owner.closing.throwIfAborted();
    const child = this.#spawn();
    let early: string | undefined;
    child.once("error", (error) => {
      early = error.message;
    });
    child.once("exit", (code, signal) => {
      early = howItEnded(code, signal);
    });
    while (early === undefined) {
      if (Date.now() > deadline) {
        await this.stop();
        return `not ready after ${Math.round(this.spec.readyMs / 1000)} s`;
      }
      if (await isReady(this.spec)) {
        this.#expected = false;
        if (early === undefined) return undefined;
      }
      await pause(100);
    }
    // Stopped with the others: that is no failure of its own.
    this.#owner.closing.throwIfAborted();
    return early;
  }

  #spawn(): ChildProcess {
    const { spec } = this;
    const log = openSync(spec.logFile, "a", 0o640);
    const child = spawn(spec.command, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      detached: true,
      stdio: ["ignore", log, log],
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    closeSync(log);
    if (spec.standsBack && child.pid !== undefined) {
      // Never raised: not everybody may, and who started all of it further back meant that.
      setPriority(child.pid, Math.max(getPriority(), constants.priority.PRIORITY_BELOW_NORMAL));
    }
    // Until it is ready, an exit is the starter's to report.
    this.#expected = true;
    this.#process = child;
    this.#exited = new Promise((resolve) => {
      child.once("error", () => this.#ended(null, null, child.pid).finally(resolve));
      child.once("exit", (code, signal) => this.#ended(code, signal, child.pid).finally(resolve));
    });
    if (child.pid !== undefined) this.#owner.started(spec, child.pid);
    return child;
  }

  async #ended(code: number | null, signal: NodeJS.Signals | null, pid: number | undefined): Promise<void> {
    this.#process = undefined;
    if (pid !== undefined) {
      killGroup(pid);
      this.#owner.ended(pid);
    }
    if (!this.#expected) this.#owner.died(await this.#death(howItEnded(code, signal), true), this);
  }

  async #death(how: string, served: boolean): Promise<Death> {
    const { name, logFile, showLog } = this.spec;
    const lastWords = showLog === "all" ? await logTail(logFile) : await faultsIn(logFile);
    return { name, how, served, logFile, lastWords };
  }
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

async function isReady(spec: ChildSpec): Promise<boolean> {
  try {
    return await spec.ready(AbortSignal.timeout(2000));
  } catch {
    return false;
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing of the group is left.
  }
}

function keepOldLog(file: string): void {
  if (existsSync(file)) renameSync(file, `${file}.1`);
}
