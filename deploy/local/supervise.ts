import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Child, type ChildOwner, type ChildSpec } from "./child.ts";
import { type Death, StartError } from "./death.ts";
import { PidFile } from "./pid-file.ts";
import { Watchdog } from "./watchdog.ts";

type DeathListener = (death: Death, child: Child) => void;

/**
 * Owns children and a data folder. Stops its children in reverse order of their start when disposed; a watchdog stops
 * them when this process is killed, and a file of process ids lets the next supervisor of the folder clear up whatever
 * survived even that.
 */
export class Supervisor implements ChildOwner, AsyncDisposable {
  readonly #children: Child[] = [];
  readonly #watchdog = new Watchdog();
  readonly #pids: PidFile;
  readonly #listeners = new Set<DeathListener>();
  readonly #closing = new AbortController();

  private constructor(pids: PidFile) {
    this.#pids = pids;
  }

  /**
   * Takes the data folder, creating it, and ends what a supervisor that is gone left running there.
   * @throws StartError when a living supervisor has the folder.
   */
  static async open(dataDir: string): Promise<Supervisor> {
    mkdirSync(dataDir, { recursive: true });
    return new Supervisor(await PidFile.take(dataDir));
  }

  /** Aborts when the supervisor begins to stop its children; from then on none is started. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Hears of every child that ends unasked once it served. */
  onDeath(listener: DeathListener): void {
    this.#listeners.add(listener);
  }

  /** Registers a child; `start` it to run it. */
  child(spec: ChildSpec): Child {
    mkdirSync(dirname(spec.logFile), { recursive: true });
    const child = new Child(spec, this);
    this.#children.push(child);
    return child;
  }

  started(spec: ChildSpec, pid: number): void {
    this.#watchdog.add(pid, spec.stopSignal);
    this.#pids.add(spec.name, pid, spec.stopSignal);
  }

  ended(pid: number): void {
    this.#watchdog.drop(pid);
    this.#pids.drop(pid);
  }

  died(death: Death, child: Child): void {
    for (const listener of this.#listeners) listener(death, child);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new StartError("the stack is being stopped"));
    for (const child of this.#children.toReversed()) await child.stop();
    this.#children.length = 0;
    this.#pids.release();
  }
}

/** What tests do to a child. Both throw for an engine that runs elsewhere. */
export interface Control {
  /** Whether it runs elsewhere. */
  readonly external: boolean;
  /** Sends the signal, SIGKILL by default, and resolves when the process is gone. Not counted as a death. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same data and ports; resolves when it serves. */
  start(): Promise<void>;
}

/** Starts a child under the supervisor and resolves when it serves. */
export async function runChild(supervisor: Supervisor, spec: ChildSpec): Promise<Control> {
  const child = supervisor.child(spec);
  await child.start();
  return {
    external: false,
    kill: async (signal = "SIGKILL") => await child.kill(signal),
    start: async () => await child.start(),
  };
}
