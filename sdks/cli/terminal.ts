import type { Readable } from "node:stream";

/** Where a command writes to: a terminal, a pipe, or a test's buffer. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What a command may see of the world. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

/** The folder in which `npm run SCRIPT` was called: npm itself moves to the repository's root. */
export function callersFolder(script: string, env: Terminal["env"] = process.env): string {
  return (env.npm_lifecycle_event === script && env.INIT_CWD) || process.cwd();
}
