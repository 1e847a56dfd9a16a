/** A child that ended without being asked to. */
export interface Death {
  readonly name: string;
  /** `exit code 7`, `signal SIGKILL` or why it was given up, in a few words. */
  readonly how: string;
  /** Whether it had been ready; if not, it could not be started. */
  readonly served: boolean;
  readonly logFile: string;
  /** What of its log says why, or "". */
  readonly lastWords: string;
}

/** The bare fact, to be continued. */
export function nameDeath({ name, how, served }: Death): string {
  return `${name} ${served ? "died" : "did not start"} (${how})`;
}

/** One sentence on a death, followed by what its log says of the reason. */
export function describeDeath(death: Death): string {
  const head = `${nameDeath(death)}; its log: ${death.logFile}`;
  return death.lastWords === "" ? head : `${head}\n${death.lastWords.replace(/^/gm, "    ")}`;
}

/** A child could not be started, or not in time. */
export class StartError extends Error {
  override readonly name = "StartError";
  /** Absent where no child was run at all. */
  readonly death: Death | undefined;

  constructor(message: string, death?: Death) {
    super(message);
    this.death = death;
  }

  static of(death: Death): StartError {
    return new StartError(describeDeath(death), death);
  }
}
