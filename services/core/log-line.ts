/** The part of a logger's options by which every process of ours writes lines that can be read together. */
export interface LogLineOptions {
  /** Stands in every line. */
  readonly base: { readonly process: string };
  /** In UTC, as text. */
  readonly timestamp: () => string;
  /** A word, not pino's number. */
  readonly formatters: { readonly level: (word: string) => { readonly level: string } };
}

/** One JSON object a line: `level`, `time` and `process` first, the same in api and worker. */
export function logLine(process: "api" | "worker"): LogLineOptions {
  return {
    base: { process },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (word) => ({ level: word }) },
  };
}
