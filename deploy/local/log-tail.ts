import { open } from "node:fs/promises";

/** Of a log that grew for days no more is read than this, in bytes. */
const TAIL_BYTES = 256 * 1024;
const FEW = 5;
/** A process that only waits says for what in a warning. */
const LEVELS: readonly unknown[] = ["warn", "error", "fatal"];

/** The last 20 lines of a log, or "" when there is none. */
export async function logTail(file: string): Promise<string> {
  return (await lastLines(file)).slice(-20).join("\n");
}

/**
 * What a service's log says of why it ended: its last warnings and errors as sentences, and the errors that Node itself
 * wrote. "" when there is none.
 */
export async function faultsIn(file: string): Promise<string> {
  const faults = (await lastLines(file)).flatMap((line) => faultOf(line) ?? []);
  return [...new Set(faults)].slice(-FEW).join("\n");
}

async function lastLines(file: string): Promise<string[]> {
  try {
    await using log = await open(file);
    const { size } = await log.stat();
    const position = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await log.read({ buffer: Buffer.alloc(size - position), position });
    return buffer.toString("utf8", 0, bytesRead).trimEnd().split("\n");
  } catch {
    return [];
  }
}

interface Line {
  readonly level?: unknown;
  readonly msg?: unknown;
  readonly why?: unknown;
  readonly part?: unknown;
  readonly err?: { readonly message?: unknown; readonly code?: unknown };
}

function faultOf(text: string): string | undefined {
  const line = parse(text);
  // What Node writes of an error begins with the error's class; its own frames and excerpts are indented.
  if (line === undefined) return /^(?:\w+ )?\w*(?:Error|ERROR)\b/.test(text) ? text : undefined;
  if (!LEVELS.includes(line.level)) return undefined;
  const why = line.why ?? line.err?.message ?? line.err?.code ?? line.part;
  return why === undefined ? String(line.msg) : `${line.msg}: ${why}`;
}

function parse(text: string): Line | undefined {
  try {
    const line: unknown = JSON.parse(text);
    return typeof line === "object" && line !== null ? line : undefined;
  } catch {
    return undefined;
  }
}
