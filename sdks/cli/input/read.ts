import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { buffer } from "node:stream/consumers";
import { UsageError } from "../failure.ts";
import { clean } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";
import { decodeUtf8 } from "./utf8.ts";

/** The whole of a file, or of standard input for `-`. @throws UsageError when it cannot be read, or is not UTF-8. */
export async function readInput(file: string, terminal: Terminal): Promise<string> {
  return decodeUtf8(await readBytes(file, terminal), sourceName(file));
}

async function readBytes(file: string, terminal: Terminal): Promise<Uint8Array> {
  if (file === "-") return buffer(terminal.stdin);
  try {
    return await readFile(resolve(terminal.cwd, file));
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** What an input is called in an error. */
export function sourceName(file: string): string {
  return file === "-" ? "standard input" : `the file ${clean(file)}`;
}

export function unreadable(cause: unknown): UsageError {
  return new UsageError(`the file cannot be read (${(cause as NodeJS.ErrnoException).code ?? "error"})`, {
    cause,
  });
}
