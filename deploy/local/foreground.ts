import type { LocalConfig } from "./config.ts";
import { revive } from "./revive.ts";
import { Supervisor } from "./supervise.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Why the stack must stop, and the exit code that says whether it was asked to. */
interface End {
  readonly reason: string;
  readonly code: number;
}

/**
 * Reads the settings, opens a supervisor of their data folder, runs `begin`, and keeps its children running, starting
 * those that die again, until the end: Ctrl-C or another signal, the death of the starting process, a child that dies
 * again and again, or an error. Then stops every child and exits.
 *
 * @param read reads the settings; what is wrong with them is the end.
 * @param begin starts the children; its failure is the end.
 * @param cleanUp runs at the end, before the children are stopped.
 */
export async function inForeground(
  read: () => LocalConfig,
  begin: (config: LocalConfig, supervisor: Supervisor) => Promise<void>,
  cleanUp: (config: LocalConfig) => void = () => {},
): Promise<never> {
  process.exit(await untilEnd(read, begin, cleanUp).catch((error: unknown) => say(failed(error))));
}

async function untilEnd(
  read: () => LocalConfig,
  begin: (config: LocalConfig, supervisor: Supervisor) => Promise<void>,
  cleanUp: (config: LocalConfig) => void,
): Promise<number> {
  const config = read();
  const supervisor = await Supervisor.open(config.dataDir);
  const ended = firstEnd(supervisor);
  try {
    const begun = begin(config, supervisor).then(() => undefined, failed);
    const early = await Promise.race([begun, ended]);
    return say(early ?? (await ended));
  } finally {
    cleanUp(config);
    await supervisor[Symbol.asyncDispose]();
  }
}

function say({ reason, code }: End): number {
  console.error(`\n${reason}`);
  return code;
}

/** Further signals change nothing: stopping has deadlines of its own. */
async function firstEnd(supervisor: Supervisor): Promise<End> {
  return await new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve({ reason: "Stopping.", code: 0 }));
    process.on("disconnect", () => resolve({ reason: "Stopping: the starting process is gone.", code: 0 }));
    process.channel?.unref();
    revive(supervisor, {
      say: (line) => console.error(line),
      giveUp: (why) => resolve({ reason: `${why}\nStopping everything.`, code: 1 }),
    });
    for (const event of ["uncaughtException", "unhandledRejection"] as const) {
      process.on(event, (error: unknown) => resolve(failed(error)));
    }
    // A terminal that was closed cannot be written to; that is no reason to leave children behind.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  });
}

/** Errors made for people are a sentence; of any other the whole stack is of use. */
function failed(error: unknown): End {
  if (!(error instanceof Error)) return { reason: String(error), code: 1 };
  const meant = error.name === "ToolError" || error.name === "StartError" || error.name === "Error";
  return { reason: meant ? error.message : (error.stack ?? error.message), code: 1 };
}
