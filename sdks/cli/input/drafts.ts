import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { MemoryDraft } from "@mneme/sdk";
import { z } from "zod";
import { UsageError } from "../failure.ts";
import { KINDS, ORIGINS } from "../options.ts";
import type { Terminal } from "../terminal.ts";
import { isBlank } from "./blank.ts";
import { checked, oneOf, record, share, text } from "./checked.ts";
import { date } from "./date.ts";
import { sourceName, unreadable } from "./read.ts";
import { decodeUtf8 } from "./utf8.ts";

const draft = record({
  text: text.refine((given) => !isBlank(given), "must not be blank"),
  kind: oneOf(KINDS).optional(),
  category: text.optional(),
  confidence: share.optional(),
  importance: share.optional(),
  origin: oneOf(ORIGINS).optional(),
  metadata: z
    .record(z.string(), z.union([text, z.number(), z.boolean()], "must be a string, a number or a boolean"), {
      error: "must be an object",
    })
    .refine(
      (given) => Object.keys(given).every((key) => key.isWellFormed()),
      "has a key that is not valid Unicode text",
    )
    .optional(),
  saidAt: date.optional(),
  validFrom: date.optional(),
  validTo: date.optional(),
  expireTime: date.optional(),
  reviewTime: date.optional(),
});

/**
 * Reads statements from JSON Lines, one at a time: a string, or an object with the members of a MemoryDraft (snake
 * case does as well). `-` is standard input. All of a file is checked before its first statement is handed out; a
 * pipe can be read only once.
 * @throws UsageError naming the line, never quoting the text.
 */
export async function* readDrafts(file: string, terminal: Terminal): AsyncGenerator<MemoryDraft> {
  const source = sourceName(file);
  if (file === "-") return yield* draftsOf(terminal.stdin, source);
  const path = resolve(terminal.cwd, file);
  if (await isFile(path)) {
    for await (const _ of draftsOf(createReadStream(path), source));
  }
  yield* draftsOf(createReadStream(path), source);
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}

async function* draftsOf(input: Readable, source: string): AsyncGenerator<MemoryDraft> {
  // A character a byte: so they come through the reader of lines as they are, and each line is decoded strictly.
  input.setEncoding("latin1");
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const bytes of lines) {
      number++;
      const line = decodeUtf8(Buffer.from(bytes, "latin1"), `${source}, line ${number},`);
      if (line.trim() !== "") yield parseDraft(line, `line ${number}`);
    }
  } catch (cause) {
    throw cause instanceof UsageError ? cause : unreadable(cause);
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
