import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { MemoryDraft } from "@mneme/sdk";
import { z } from "zod";
import { UsageError } from "../failure.ts";
import { KINDS, ORIGINS } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { checked, oneOf, record, share, text } from "./checked.ts";
import { date } from "./date.ts";

const draft = record({
  text: text.refine((given) => given.trim() !== "", "must not be empty"),
  kind: oneOf(KINDS).optional(),
  category: text.optional(),
  confidence: share.optional(),
  importance: share.optional(),
  origin: oneOf(ORIGINS).optional(),
  metadata: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean()], "must be a string, a number or a boolean"),
      {
        error: "must be an object",
      },
    )
    .optional(),
  saidAt: date.optional(),
  validFrom: date.optional(),
  validTo: date.optional(),
  expireTime: date.optional(),
});

/**
 * Reads statements from JSON Lines, one at a time: a string, or an object with the members of a MemoryDraft (snake
 * case does as well). `-` is standard input. All of a file is checked before its first statement is handed out; a
 * pipe can be read only once.
 * @throws UsageError naming the line, never quoting the text.
 */
export async function* readDrafts(file: string, terminal: Terminal): AsyncGenerator<MemoryDraft> {
  const path = file === "-" ? undefined : resolve(terminal.cwd, file);
  if (path !== undefined && (await isFile(path))) {
    for await (const _ of draftsOf(createReadStream(path, "utf8")));
  }
  yield* draftsOf(path === undefined ? terminal.stdin : createReadStream(path, "utf8"));
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}

async function* draftsOf(input: NodeJS.ReadableStream): AsyncGenerator<MemoryDraft> {
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      if (line.trim() !== "") yield parseDraft(line, `line ${number}`);
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`the file cannot be read (${(cause as NodeJS.ErrnoException).code ?? "error"})`, {
      cause,
    });
  } finally {
    lines.close();
  }
}

function parseDraft(line: string, at: string): MemoryDraft {
  const value = parse(line, at);
  return checked(draft, typeof value === "string" ? { text: value } : value, at);
}

function parse(line: string, at: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UsageError(`${at} is not valid JSON`);
  }
}
