import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";

/** A tool of the machine that is missing or failed; the message says what to do. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}

/** The full path of a program on PATH, or undefined. */
export function findTool(name: string, path: string = process.env.PATH ?? ""): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/** What fetching an engine needs. */
export interface Fetching {
  /** The cache's folder. */
  readonly cache: string;
  /** Hears what is being done, a line at a time. */
  readonly onLine: (line: string) => void;
  /** Hears every line that a tool writes meanwhile. */
  readonly onDetail?: ((line: string) => void) | undefined;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly timeoutMs: number;
  /** Hears every line that the tool writes. */
  readonly onDetail?: ((line: string) => void) | undefined;
}

/**
 * Runs a tool to its end and returns what it wrote.
 * @throws ToolError with the end of what the tool wrote when it fails or takes longer than `timeoutMs`.
 */
export async function runTool(
  command: string,
  args: readonly string[],
  options: RunOptions,
): Promise<string> {
  const running = execa(command, [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    env: options.env ?? process.env,
    extendEnv: false,
    stdin: "ignore",
    all: true,
    reject: false,
    timeout: options.timeoutMs,
    cleanup: true,
    killDescendants: true,
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (options.onDetail !== undefined) void tellLines(running.iterable({ from: "all" }), options.onDetail);
  const result = await running;
  if (!result.failed) return result.all;
  if (result.isCanceled) throw new ToolError("stopped");
  const why = result.timedOut
    ? `took longer than ${options.timeoutMs / 1000} s`
    : (result.shortMessage ?? "failed");
  throw new ToolError(`${why}\n${result.all.split("\n").slice(-12).join("\n")}`);
}

async function tellLines(lines: AsyncIterable<string>, onDetail: (line: string) => void): Promise<void> {
  try {
    for await (const line of lines) if (line.trim() !== "") onDetail(line.trim());
  } catch {
    // The tool failed: its result says so.
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
