import { logLine } from "@mneme/core/log-line.ts";
import { type Logger, pino } from "pino";

export type { Logger };

export interface LogOptions {
  readonly level: string;
  /** Where lines go; standard output by default. */
  readonly destination?: { write(line: string): void };
}

/** One JSON object a line. Lines hold ids, codes, counts and durations: nothing that a person wrote. */
export function createLogger(options: LogOptions): Logger {
  const settings = {
    ...logLine("api"),
    level: options.level,
    serializers: { err: describeError },
  };
  return pino(settings, options.destination ?? pino.destination(STANDARD_OUTPUT));
}

/** A line a call, gathered: each by itself would be a system call that the event loop waits for. */
const STANDARD_OUTPUT = { dest: 1, sync: false, minLength: 4_096, periodicFlush: 500 } as const;

/** Ends the process at a fault that nothing caught, with a line that says as much as one may. */
export function exitOnFault(log: Logger): void {
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "the process ends at a fault that nothing caught");
    process.exit(1);
  });
}

interface DescribedError {
  readonly type: string;
  readonly message?: string;
  readonly code?: string;
  readonly constraint?: string;
  readonly frames: readonly string[];
  readonly cause?: DescribedError;
}

/**
 * What an operator needs of a fault: kinds, codes, frames and the chain of causes. Left out is what may
 * quote data: a driver's detail, hint and parameters, and messages of parsers and of rejected values.
 */
export function describeError(error: unknown, depth = 0): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, frames: [] };
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return {
    type: error.name,
    ...(quotesData(error, code) ? {} : { message: error.message }),
    ...(typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}),
    ...(typeof constraint === "string" ? { constraint } : {}),
    frames: framesOf(error),
    ...(error.cause !== undefined && depth < 5 ? { cause: describeError(error.cause, depth + 1) } : {}),
  };
}

/** A stack begins with the message, so only its frames are kept. */
function framesOf(error: Error): string[] {
  const lines = error.stack?.split("\n") ?? [];
  return lines.filter((line) => /^\s+at /.test(line)).map((line) => line.trim());
}

function quotesData(error: Error, code: unknown): boolean {
  if (error instanceof SyntaxError) return true;
  // SQLSTATE class 22: data exceptions, whose messages quote the value.
  return typeof code === "string" && /^22[0-9A-Z]{3}$/.test(code);
}
