import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import type { MemoryDraft, MemoryKind, MemoryOrigin, Metadata } from "@mneme/sdk";
import { UsageError } from "../failure.ts";
import type { Terminal } from "../terminal.ts";
import { isObject, optional, optionalDate } from "./messages.ts";

/**
 * Reads statements from JSON Lines, one at a time: a string, or an object with the members of a MemoryDraft (snake
 * case does as well). `-` is standard input.
 * @throws UsageError naming the line, never quoting the text.
 */
export async function* readDrafts(file: string, terminal: Terminal): AsyncGenerator<MemoryDraft> {
  const input = file === "-" ? terminal.stdin : createReadStream(resolve(terminal.cwd, file), "utf8");
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
  if (typeof value === "string") return { text: value };
  if (!isObject(value) || typeof value.text !== "string")
    throw new UsageError(`${at}: expected an object with a text`);
  return {
    text: value.text,
    kind: optional(value.kind, "string", at, "kind") as MemoryKind | undefined,
    category: optional(value.category, "string", at, "category"),
    confidence: optional(value.confidence, "number", at, "confidence"),
    importance: optional(value.importance, "number", at, "importance"),
    origin: optional(value.origin, "string", at, "origin") as MemoryOrigin | undefined,
    metadata: (value.metadata ?? undefined) as Metadata | undefined,
    validFrom: optionalDate(value.validFrom ?? value.valid_from, at, "validFrom"),
    validTo: optionalDate(value.validTo ?? value.valid_to, at, "validTo"),
    expireTime: optionalDate(value.expireTime ?? value.expire_time, at, "expireTime"),
  };
}

function parse(line: string, at: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new UsageError(`${at} is not valid JSON`);
  }
}
