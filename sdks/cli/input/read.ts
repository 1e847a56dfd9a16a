import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { UsageError } from "../failure.ts";
import type { Terminal } from "../terminal.ts";

/** The whole of a file, or of standard input for `-`. @throws UsageError when it cannot be read. */
export async function readInput(file: string, terminal: Terminal): Promise<string> {
  if (file === "-") return text(terminal.stdin);
  try {
    return await readFile(resolve(terminal.cwd, file), "utf8");
  } catch (cause) {
    throw new UsageError(`the file cannot be read (${(cause as NodeJS.ErrnoException).code ?? "error"})`, {
      cause,
    });
  }
}
